// What every Identity adapter has to do about second factors, changes of passwords, and erased people: part of
// identity.suite.ts. Factors are judged by the real check, with codes of a real authenticator.

import { expect } from 'chai'
import { TOTP } from 'otpauth'
import type { Identity, Session, SignIn } from '../../server/identity/port.ts'
import { newRecoveryCodes, SecondFactors, type ShownText } from '../../server/identity/secondFactor.ts'
import type { UserId } from '../../shared/ids.ts'
import type { ManualTime } from '../support/manualTime.ts'

const ANN = { email: 'ann@example.com', password: 'correct horse battery', displayName: 'Ann' }
const STEP_MS = 30_000
const MINUTE_MS = 60_000
const NOBODY = `u_${'x'.repeat(22)}` as UserId // of the form that ids have

export interface SuiteWorld {
  readonly clock: ManualTime
  readonly identity: Identity
  reopen(): Promise<void>
}

export function factorSuite(world: () => SuiteWorld): void {
  const identity = (): Identity => world().identity
  const nowMs = (): number => world().clock.nowMs()
  let factors: SecondFactors
  let ann: UserId
  let authenticator: TOTP
  let recoveryCodes: readonly string[]

  const code = (driftSteps = 0): string => authenticator.generate({ timestamp: nowMs() + driftSteps * STEP_MS })
  const signIn = (shown: Partial<ShownText> = {}, password = ANN.password): Promise<SignIn> =>
    identity().login(ANN.email, password, factors.check({ code: null, recoveryCode: null, ...shown }))
  const login = async (shown: Partial<ShownText> = {}, password?: string) => outcome(await signIn(shown, password))
  async function confirm(): Promise<string> {
    const { factor, secret } = factors.setUp(ann, ANN.email)
    expect(await identity().proposeFactor(ann, factor)).to.deep.equal({ kind: 'proposed' })
    authenticator = new TOTP({ secret })
    const { codes, hashes } = newRecoveryCodes(ann)
    recoveryCodes = codes
    expect(await identity().confirmFactor(ann, factor.id, Math.floor(nowMs() / STEP_MS), hashes)).to.equal(true)
    world().clock.jump(STEP_MS)
    return factor.id
  }

  beforeEach(async () => {
    factors = new SecondFactors('a secret of more than 32 characters, for tests', world().clock)
    ann = session(await identity().register(ANN)).user.id
  })

  describe('a second factor', () => {
    it('counts for nothing until it is confirmed, and may be set up anew until then', async () => {
      expect(await identity().factorOf(ann)).to.equal(null)
      const first = factors.setUp(ann, 'ann').factor
      await identity().proposeFactor(ann, first)
      expect(await identity().factorOf(ann)).to.include({ id: first.id, confirmed: false, recoveryCodesLeft: 0 })
      expect(await login()).to.equal('signed_in')
      const factor = await confirm()
      expect(await identity().confirmFactor(ann, first.id, 1, []), 'the first is gone').to.equal(false)
      expect(await identity().confirmFactor(ann, factor, 1, []), 'confirmed already').to.equal(false)
      expect((await identity().findUser(ann))?.factor).to.equal(factor)
      expect((await identity().findUsers({ email: ANN.email, role: null, after: null, limit: 1 }))[0]?.factor).to.equal(
        factor,
      )
      const again = await identity().proposeFactor(ann, factors.setUp(ann, 'ann').factor)
      expect(again).to.deep.equal({ kind: 'refused', code: 'auth.mfa_enabled' })
      const guest = (await identity().createGuest(null)).user.id
      const none = { kind: 'refused', code: 'auth.guest' }
      expect(await identity().proposeFactor(guest, factors.setUp(guest, '').factor)).to.deep.equal(none)
      expect(await identity().proposeFactor(NOBODY, factors.setUp(NOBODY, '').factor)).to.deep.equal(none)
    })

    it('is asked for, and its code is taken once, after a restart too', async () => {
      const factor = await confirm()
      await world().reopen()
      expect(await login()).to.equal('auth.mfa_required')
      const signedIn = session(await signIn({ code: code() }))
      expect(signedIn.factor).to.equal(factor)
      expect(await login({ code: code() }), 'again').to.equal('auth.mfa_invalid')
      await world().reopen()
      expect(await login({ code: code() }), 'again').to.equal('auth.mfa_invalid')
      expect(await login({ code: code(-1) }), 'an earlier one').to.equal('auth.mfa_invalid')
      expect(await login({ code: code(1) }), 'a later one').to.equal('signed_in')
    })

    it('is not taken in the moment of its confirmation a second time', async () => {
      await confirm()
      expect(await login({ code: code(-1) })).to.equal('auth.mfa_invalid')
    })

    it('of two who show the same code at once lets one in', async () => {
      await confirm()
      for (let round = 0; round < 5; round++) {
        const both = await Promise.all([1, 2, 3].map(() => login({ code: code() })))
        expect(both.sort()).to.deep.equal(['auth.mfa_invalid', 'auth.mfa_invalid', 'signed_in'])
        world().clock.jump(STEP_MS)
      }
    })

    it('is not asked for where the password is wrong', async () => {
      await confirm()
      expect(await login({ code: code() }, 'not the password')).to.equal('auth.invalid_credentials')
      expect(await login({}, 'not the password')).to.equal('auth.invalid_credentials')
      expect(await login({ code: code() }), 'nothing was spent').to.equal('signed_in')
    })

    it('locks like a password: five failures, and asking for the code counts for nothing', async () => {
      await confirm()
      for (let failure = 1; failure <= 5; failure++) {
        expect(await login(), `asked ${failure}`).to.equal('auth.mfa_required')
        expect(await login({ code: '000000' }), `failure ${failure}`).to.equal('auth.mfa_invalid')
      }
      expect(await login()).to.equal('auth.locked')
      expect(await login({ code: code() })).to.equal('auth.locked')
      expect((await identity().prove(ann, null, factors.check({ code: code(), recoveryCode: null }))).kind).to.equal(
        'refused',
      )
      world().clock.jump(15 * MINUTE_MS)
      expect(await login({ code: code() })).to.equal('signed_in')
    })

    it('counts wrong passwords and wrong codes together', async () => {
      await confirm()
      for (const [shown, password] of [
        [{}, 'wrong'],
        [{ code: '000000' }],
        [{ recoveryCode: 'abcd' }],
        [{}, 'wrong'],
        [{ code: '000000' }],
      ] as const) {
        await login(shown, password)
      }
      expect(await login({ code: code() })).to.equal('auth.locked')
    })

    it('is stood in for by each recovery code once, whoever shows it at the same moment', async () => {
      await confirm()
      const [first = '', second = ''] = recoveryCodes
      const all = await Promise.all([1, 2, 3].map(() => login({ recoveryCode: first })))
      expect(all.sort()).to.deep.equal(['auth.mfa_invalid', 'auth.mfa_invalid', 'signed_in'])
      await world().reopen()
      expect(await login({ recoveryCode: first })).to.equal('auth.mfa_invalid')
      expect(await login({ recoveryCode: second.toUpperCase() })).to.equal('signed_in')
      expect((await identity().factorOf(ann))?.recoveryCodesLeft).to.equal(8)
    })

    it('gets new recovery codes in place of the old', async () => {
      const factor = await confirm()
      const { codes, hashes } = newRecoveryCodes(ann)
      expect(await identity().setRecoveryCodes(ann, 'f_other', hashes)).to.equal(false)
      expect(await identity().setRecoveryCodes(ann, factor, hashes)).to.equal(true)
      expect(await login({ recoveryCode: recoveryCodes[0] ?? '' })).to.equal('auth.mfa_invalid')
      expect(await login({ recoveryCode: codes[0] ?? '' })).to.equal('signed_in')
      expect((await identity().factorOf(ann))?.recoveryCodesLeft).to.equal(9)
    })

    it('stays with a session from swap to swap, until it ends; then all sessions end', async () => {
      const without = session(await identity().login(ANN.email, ANN.password))
      const factor = await confirm()
      const begun = session(await signIn({ code: code() }))
      await world().reopen()
      const swapped = session(await identity().refresh(begun.refreshToken))
      expect(swapped.factor).to.equal(factor)
      expect(session(await identity().refresh(without.refreshToken)).factor).to.equal(null)
      expect(await identity().endFactor(ann)).to.equal(true)
      expect(await identity().endFactor(ann)).to.equal(false)
      expect(outcome(await identity().refresh(swapped.refreshToken))).to.equal('auth.refresh_invalid')
      expect(await identity().factorOf(ann)).to.equal(null)
      expect(session(await signIn()).factor).to.equal(null)
      expect(outcome(await identity().beginSession(ann, factor)), 'ended meanwhile').to.equal('auth.refresh_invalid')
      expect(await confirm()).to.not.equal(factor)
      expect(await login({ recoveryCode: 'abcd' })).to.equal('auth.mfa_invalid')
    })

    it('is proven anew by whoever is signed in, with the password or without', async () => {
      const check = (text: string) => factors.check({ code: text, recoveryCode: null })
      const proven = async (password: string | null, text: string) => {
        const proof = await identity().prove(ann, password, check(text))
        return proof.kind === 'proven' ? proof.factor : proof.code
      }
      expect(await proven(ANN.password, ''), 'no factor').to.equal(null)
      expect(await proven(null, ''), 'nothing to prove').to.equal('auth.mfa_not_enabled')
      const factor = await confirm()
      expect(await proven(null, '')).to.equal('auth.mfa_required')
      expect(await proven('wrong', code())).to.equal('auth.invalid_credentials')
      expect(await proven(ANN.password, code())).to.equal(factor)
      expect(await proven(null, code()), 'spent').to.equal('auth.mfa_invalid')
      world().clock.jump(STEP_MS)
      expect(await proven(null, code())).to.equal(factor)
      const guest = (await identity().createGuest(null)).user.id
      expect(await identity().prove(guest, 'any', check(''))).to.deep.equal({ kind: 'refused', code: 'auth.guest' })
      expect(outcome(await identity().beginSession(NOBODY, null))).to.equal('auth.refresh_invalid')
    })
  })

  describe('a change of password', () => {
    it('ends every session and the old password, and may be made again', async () => {
      const { refreshToken } = session(await identity().login(ANN.email, ANN.password))
      for (const password of ['another battery', 'a third battery', 'a fourth battery', 'a fifth battery']) {
        expect(await identity().setPassword(ann, password)).to.equal(true)
        await world().reopen()
        expect(await login({}, password)).to.equal('signed_in')
      }
      expect(await login()).to.equal('auth.invalid_credentials')
      expect(outcome(await identity().refresh(refreshToken))).to.equal('auth.refresh_invalid')
      const guest = (await identity().createGuest(null)).user.id
      expect(await identity().setPassword(guest, 'another battery')).to.equal(false)
      expect(await identity().setPassword(NOBODY, 'another battery')).to.equal(false)
    })

    it('keeps the second factor', async () => {
      await confirm()
      await identity().setPassword(ann, 'another battery')
      expect(await login({}, 'another battery')).to.equal('auth.mfa_required')
    })
  })

  describe('an erased person', () => {
    it('is an id and two times, and nothing else', async () => {
      await confirm()
      const { createdAtMs } = (await identity().findUser(ann)) ?? no()
      const { refreshToken } = session(await signIn({ code: code() }))
      const destination = (await identity().destinationOf(ann, 'DE00 1234')) ?? no()
      const atMs = nowMs()
      expect(await identity().erase(ann)).to.deep.equal({ kind: 'erased', atMs })
      world().clock.jump(1)
      expect(await identity().erase(ann), 'again').to.deep.equal({ kind: 'erased', atMs })
      await world().reopen()
      const left = { id: ann, displayName: 'Erased', email: null, roles: ['player'], factor: null }
      expect(await identity().findUser(ann)).to.deep.equal({ ...left, createdAtMs, erasedAtMs: atMs })
      expect(await identity().findUsers({ email: ANN.email, role: null, after: null, limit: 1 })).to.deep.equal([])
      expect(outcome(await identity().refresh(refreshToken))).to.equal('auth.refresh_invalid')
      expect(await login({ code: code(1) })).to.equal('auth.invalid_credentials')
      expect(await identity().findDestination(destination)).to.equal(null)
      expect(await identity().destinationOf(ann, 'DE00 1234')).to.equal(null)
      expect(await identity().factorOf(ann)).to.equal(null)
      expect(outcome(await identity().beginSession(ann, null))).to.equal('auth.refresh_invalid')
      expect(await identity().setPassword(ann, 'another battery')).to.equal(false)
      expect((await identity().setRoles(ann, ['admin'])).kind).to.equal('refused')
      expect((await identity().proposeFactor(ann, factors.setUp(ann, '').factor)).kind).to.equal('refused')
    })

    it('is on the list of those erased lately', async () => {
      const guest = (await identity().createGuest(null)).user.id
      await identity().erase(ann)
      const first = nowMs()
      world().clock.jump(MINUTE_MS)
      await identity().erase(guest)
      expect(await identity().erasedSince(first)).to.have.deep.members([
        { user: ann, atMs: first },
        { user: guest, atMs: first + MINUTE_MS },
      ])
      expect(await identity().erasedSince(first + 1)).to.deep.equal([{ user: guest, atMs: first + MINUTE_MS }])
    })

    it('gives the address back to whoever registers with it, who is another user', async () => {
      await identity().erase(ann)
      expect(session(await identity().register(ANN)).user.id).to.not.equal(ann)
    })

    it('was no staff, and was there', async () => {
      await identity().setRoles(ann, ['operator'])
      expect(await identity().erase(ann)).to.deep.equal({ kind: 'refused', code: 'staff.has_roles' })
      expect(await login()).to.equal('signed_in')
      expect(await identity().erase(NOBODY)).to.deep.equal({ kind: 'refused', code: 'not_found' })
    })
  })
}

function outcome(signIn: SignIn): string {
  return signIn.kind === 'signed_in' ? 'signed_in' : signIn.code
}

function session(signIn: SignIn): Session {
  if (signIn.kind === 'refused') throw new Error(`refused: ${signIn.code}`)
  return signIn.session
}

function no(): never {
  throw new Error('there is one')
}
