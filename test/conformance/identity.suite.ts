// What every Identity adapter has to do. `open` opens the same data set each time it is called within one test.

import { expect } from 'chai'
import type { Clock } from '../../actors/runtime/ports.ts'
import type { Identity, Session, SignIn, User, UserQuery } from '../../server/identity/port.ts'
import { isUserId, type UserId } from '../../shared/ids.ts'
import { RULES } from '../../shared/rules.ts'
import { ManualTime } from '../support/manualTime.ts'
import { factorSuite } from './identityFactors.suite.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
const ANN = { email: 'Ann@Example.com', password: 'correct horse battery', displayName: 'Ann' }
const WRONG = 'not the password'

export function identitySuite(adapter: string, open: (clock: Clock, dataSet: string) => Promise<Identity>): void {
  let clock: ManualTime
  let identity: Identity
  let dataSet = 0

  const reopen = async (): Promise<void> => {
    await identity.close()
    identity = await open(clock, String(dataSet))
  }
  const login = (email: string, password: string): Promise<string> => identity.login(email, password).then(outcome)

  describe(`identity: ${adapter}`, () => {
    beforeEach(async () => {
      dataSet++
      clock = new ManualTime(Date.UTC(2026, 0, 1))
      identity = await open(clock, String(dataSet))
    })
    afterEach(() => identity.close())

    describe('users', () => {
      it('gives guests an id, a name and the role of a player', async () => {
        const [first, second] = await Promise.all([identity.createGuest(null), identity.createGuest('Ｎｅｏ ')])
        expect(first.user.id).to.match(/^u_[A-Za-z0-9_-]{22}$/)
        expect(first.user.id).not.to.equal(second.user.id)
        expect(first.user.displayName).to.match(/^Guest /)
        expect(second.user).to.deep.include({ displayName: 'Neo', email: null, roles: ['player'] })
        expect(second.user.createdAtMs).to.equal(clock.nowMs())
      })

      it('finds a user again, after a restart too, and nobody else', async () => {
        const { user } = session(await identity.register(ANN))
        await reopen()
        expect(await identity.findUser(user.id)).to.deep.equal(user)
        expect(user.email).to.equal('ann@example.com')
        const nobody = `u_${'x'.repeat(22)}`
        expect(isUserId(nobody) && (await identity.findUser(nobody))).to.equal(null)
      })

      it('keeps where withdrawals go under one name for each user and address', async () => {
        const [ann, bob] = [(await identity.createGuest(null)).user.id, (await identity.createGuest(null)).user.id]
        const id = await identity.destinationOf(ann, 'DE00 1234')
        if (id === null) throw new Error('no name')
        expect(id).to.match(/^dst_[\w-]{22}$/)
        expect(await identity.destinationOf(ann, 'DE00 1234')).to.equal(id)
        expect(await identity.destinationOf(ann, 'de00 1234')).to.not.equal(id)
        expect(await identity.destinationOf(bob, 'DE00 1234')).to.not.equal(id)
        await reopen()
        expect(await identity.destinationOf(ann, 'DE00 1234')).to.equal(id)
        expect(await identity.findDestination(id)).to.deep.equal({ id, user: ann, address: 'DE00 1234' })
        expect(await identity.findDestination('dst_nothing')).to.equal(null)
      })

      it('gives one name to an address that two ask for at the same time', async () => {
        const ann = (await identity.createGuest(null)).user.id
        const names = await Promise.all(Array.from({ length: 8 }, () => identity.destinationOf(ann, '0xabc')))
        expect(new Set(names).size).to.equal(1)
      })

      it('takes so many addresses of a user and no more', async () => {
        const ann = (await identity.createGuest(null)).user.id
        for (let count = 0; count < RULES.maxDestinations; count++) await identity.destinationOf(ann, `a${count}`)
        expect(await identity.destinationOf(ann, 'one more')).to.equal(null)
        expect(await identity.destinationOf(ann, 'a0')).to.be.a('string')
      })

      it('takes an address once, whatever its case', async () => {
        session(await identity.register(ANN))
        const again = await identity.register({ ...ANN, email: ' ANN@example.COM' })
        expect(outcome(again)).to.equal('auth.email_taken')
      })

      it('takes an address once when two ask at the same time', async () => {
        const both = await Promise.all([identity.register(ANN), identity.register(ANN)])
        expect(both.map(outcome).sort()).to.deep.equal(['auth.email_taken', 'signed_in'])
      })
    })

    describe('login', () => {
      beforeEach(async () => {
        session(await identity.register(ANN))
      })

      it('knows the password, however it was typed', async () => {
        expect(await login('ANN@example.com', 'correct horse battery')).to.equal('signed_in')
        expect(await login('ann@example.com', 'ｃｏｒｒｅｃｔ horse battery')).to.equal('signed_in')
      })

      it('refuses an unknown address and a wrong password alike', async () => {
        expect(await login(ANN.email, WRONG)).to.equal('auth.invalid_credentials')
        expect(await login('bob@example.com', WRONG)).to.equal('auth.invalid_credentials')
        expect(await login('', '')).to.equal('auth.invalid_credentials')
      })

      for (const [whose, email] of [
        ['a known', ANN.email],
        ['an unknown', 'nobody@example.com'],
      ] as const) {
        it(`locks ${whose} address for 15 minutes after 5 failures`, async () => {
          for (let failure = 1; failure <= 5; failure++) {
            expect(await login(email, WRONG), `failure ${failure}`).to.equal('auth.invalid_credentials')
          }
          const locked = await identity.login(email, ANN.password)
          expect(locked).to.deep.equal({ kind: 'refused', code: 'auth.locked', retryAfterSeconds: 900 })
          clock.jump(15 * MINUTE_MS - 1)
          await reopen()
          expect(await login(email, ANN.password)).to.equal('auth.locked')
          clock.jump(1)
          const right = email === ANN.email ? 'signed_in' : 'auth.invalid_credentials'
          expect(await login(email, ANN.password)).to.equal(right)
        })
      }

      it('forgets failures once a login succeeds', async () => {
        for (const password of [WRONG, WRONG, WRONG, WRONG, ANN.password, WRONG, WRONG, WRONG, WRONG]) {
          await login(ANN.email, password)
        }
        expect(await login(ANN.email, ANN.password)).to.equal('signed_in')
      })

      it('counts guesses that are sent together one by one', async () => {
        const guesses = await Promise.all(Array.from({ length: 8 }, () => login(ANN.email, WRONG)))
        expect(guesses.filter((guess) => guess === 'auth.invalid_credentials')).to.have.length(5)
        expect(guesses.filter((guess) => guess === 'auth.locked')).to.have.length(3)
      })

      it('locks one address only', async () => {
        for (let failure = 1; failure <= 6; failure++) await login('bob@example.com', WRONG)
        expect(await login(ANN.email, ANN.password)).to.equal('signed_in')
      })
    })

    describe('refresh tokens', () => {
      it('are swapped at each use', async () => {
        const first = await identity.createGuest('Ann')
        const second = session(await identity.refresh(first.refreshToken))
        const third = session(await identity.refresh(second.refreshToken))
        expect(third.user).to.deep.equal(first.user)
        expect(new Set([first, second, third].map(({ refreshToken }) => refreshToken)).size).to.equal(3)
      })

      /** Swaps each by its name; `a` was made first, `b` and `c` name what came of a swap. */
      const stories: readonly (readonly [
        what: string,
        steps: readonly (readonly [waitMs: number, swap: string, becomes: string | null])[],
      ])[] = [
        [
          'the answer was lost: the swapped one is good once more',
          [
            [0, 'a', 'b'],
            [MINUTE_MS - 1, 'a', 'c'],
            [0, 'c', 'd'],
          ],
        ],
        [
          'lost twice: good again, within the minute of the first swap',
          [
            [0, 'a', 'b'],
            [30_000, 'a', 'c'],
            [29_999, 'a', 'd'],
            [0, 'd', 'e'],
          ],
        ],
        [
          'a grace does not lengthen itself',
          [
            [0, 'a', 'b'],
            [30_000, 'a', 'c'],
            [30_000, 'a', null],
            [0, 'c', null],
          ],
        ],
        [
          'the answer that came too late is not good any more',
          [
            [0, 'a', 'b'],
            [0, 'a', 'c'],
            [0, 'b', null],
            [0, 'c', null],
          ],
        ],
        [
          'a minute later: the whole session ends',
          [
            [0, 'a', 'b'],
            [MINUTE_MS, 'a', null],
            [0, 'b', null],
          ],
        ],
        [
          'after its successor was used: the whole session ends',
          [
            [0, 'a', 'b'],
            [0, 'b', 'c'],
            [0, 'a', null],
            [0, 'c', null],
          ],
        ],
        [
          'after the grace, in its own turn, as ever',
          [
            [0, 'a', 'b'],
            [0, 'a', 'c'],
            [0, 'c', 'd'],
            [0, 'c', 'e'],
            [0, 'a', null],
            [0, 'e', null],
          ],
        ],
      ]
      for (const [what, steps] of stories) {
        it(`swapped and presented again: ${what}`, async () => {
          const tokens = new Map([['a', (await identity.createGuest('Ann')).refreshToken]])
          for (const [waitMs, swap, becomes] of steps) {
            clock.jump(waitMs)
            await reopen()
            const swapped = await identity.refresh(tokens.get(swap) ?? '')
            expect(outcome(swapped), swap).to.equal(becomes === null ? 'auth.refresh_invalid' : 'signed_in')
            if (becomes !== null) tokens.set(becomes, session(swapped).refreshToken)
          }
        })
      }

      it('swapped twice at the same time: the answer that came last is good', async () => {
        const { refreshToken } = await identity.createGuest('Ann')
        const answers: SignIn[] = []
        const swap = async (): Promise<unknown> => answers.push(await identity.refresh(refreshToken))
        await Promise.all([swap(), swap()])
        expect(answers.map(outcome)).to.deep.equal(['signed_in', 'signed_in'])
        const last = answers.map(session).at(-1)?.refreshToken ?? ''
        expect(outcome(await identity.refresh(last))).to.equal('signed_in')
      })

      it('end at logout within the grace too', async () => {
        const first = await identity.createGuest('Ann')
        session(await identity.refresh(first.refreshToken))
        await identity.logout(first.refreshToken)
        expect(outcome(await identity.refresh(first.refreshToken))).to.equal('auth.refresh_invalid')
      })

      it('live 30 days from their making', async () => {
        const first = await identity.createGuest('Ann')
        expect(first.refreshExpiresAtMs).to.equal(clock.nowMs() + 30 * DAY_MS)
        clock.jump(30 * DAY_MS - 1)
        await reopen()
        const second = session(await identity.refresh(first.refreshToken))
        clock.jump(30 * DAY_MS)
        expect(outcome(await identity.refresh(second.refreshToken))).to.equal('auth.refresh_invalid')
      })

      it('end at logout, each session apart', async () => {
        session(await identity.register(ANN))
        const phone = session(await identity.login(ANN.email, ANN.password))
        const laptop = session(await identity.login(ANN.email, ANN.password))
        await identity.logout(phone.refreshToken)
        await reopen()
        expect(outcome(await identity.refresh(phone.refreshToken))).to.equal('auth.refresh_invalid')
        expect(outcome(await identity.refresh(laptop.refreshToken))).to.equal('signed_in')
      })

      it('all end when their owner logs out everywhere', async () => {
        const [phone, bob] = await Promise.all([identity.createGuest('Ann'), identity.createGuest('Bob')])
        await identity.logoutEverywhere(phone.user.id)
        expect(outcome(await identity.refresh(phone.refreshToken))).to.equal('auth.refresh_invalid')
        expect(outcome(await identity.refresh(bob.refreshToken))).to.equal('signed_in')
      })

      for (const token of [
        '',
        '.',
        'x',
        'A'.repeat(22),
        `${'A'.repeat(22)}.${'B'.repeat(43)}`,
        '\u0000',
        '💰'.repeat(50),
      ]) {
        it(`are not ${JSON.stringify(token.slice(0, 24))}`, async () => {
          expect(outcome(await identity.refresh(token))).to.equal('auth.refresh_invalid')
          await identity.logout(token)
        })
      }
    })

    describe('roles of staff', () => {
      const people = ['ann', 'bob', 'carl'] as const
      let ids: Record<(typeof people)[number], UserId>
      const roles = async (user: UserId) => (await identity.findUser(user))?.roles
      const found = async (query: Partial<UserQuery>) =>
        (await identity.findUsers({ email: null, role: null, after: null, limit: 100, ...query })).map(({ id }) => id)
      beforeEach(async () => {
        const made = []
        for (const name of people) {
          made.push(session(await identity.register({ ...ANN, email: `${name}@example.com` })).user.id)
        }
        const [ann = no(), bob = no(), carl = no()] = made
        ids = { ann, bob, carl }
      })

      it('are given whole, outlive a restart, and show at the next sign-in', async () => {
        const change = await identity.setRoles(ids.ann, ['admin', 'operator'])
        if (change.kind === 'refused') throw new Error(change.code)
        expect([change.before.roles, change.after.roles]).to.deep.equal([['player'], ['player', 'operator', 'admin']])
        await reopen()
        expect(await roles(ids.ann)).to.deep.equal(['player', 'operator', 'admin'])
        const { user } = session(await identity.login('ann@example.com', ANN.password))
        expect(user).to.deep.equal(change.after)
        expect(await roles(ids.bob)).to.deep.equal(['player'])
        await identity.setRoles(ids.bob, ['auditor'])
        await identity.setRoles(ids.bob, [])
        expect(await roles(ids.bob)).to.deep.equal(['player'])
      })

      it('are nothing for a guest or for nobody', async () => {
        const { user } = await identity.createGuest('Neo')
        expect(await identity.setRoles(user.id, ['operator'])).to.deep.equal({ kind: 'refused', code: 'staff.guest' })
        const nobody = `u_${'x'.repeat(22)}` as UserId // of the form that ids have
        expect(await identity.setRoles(nobody, [])).to.deep.equal({ kind: 'refused', code: 'not_found' })
      })

      it('leave an admin, whoever gives the role up', async () => {
        await identity.setRoles(ids.ann, ['admin'])
        const last = { kind: 'refused', code: 'staff.last_admin' }
        expect(await identity.setRoles(ids.ann, ['operator'])).to.deep.equal(last)
        await identity.setRoles(ids.bob, ['admin'])
        expect((await identity.setRoles(ids.ann, ['operator'])).kind).to.equal('changed')
        expect(await identity.setRoles(ids.bob, [])).to.deep.equal(last)
        expect(await roles(ids.bob)).to.deep.equal(['player', 'admin'])
      })

      it('leave an admin when all give the role up at the same moment', async () => {
        for (const name of people) await identity.setRoles(ids[name], ['admin'])
        const changes = await Promise.all(people.map((name) => identity.setRoles(ids[name], [])))
        expect(changes.filter(({ kind }) => kind === 'refused')).to.have.length(1)
        expect(await found({ role: 'admin' })).to.have.length(1)
      })

      it('find users: by address, by role, and all in pages', async () => {
        await identity.setRoles(ids.ann, ['admin'])
        await identity.setRoles(ids.bob, ['operator'])
        await identity.setRoles(ids.carl, ['admin', 'operator'])
        const sorted = (...some: UserId[]) => some.sort()
        expect(await found({ email: ' ANN@example.com' })).to.deep.equal([ids.ann])
        expect(await found({ email: 'ann@example.com', role: 'operator' })).to.deep.equal([])
        expect(await found({ email: 'nobody@example.com' })).to.deep.equal([])
        expect(await found({ role: 'operator' })).to.deep.equal(sorted(ids.bob, ids.carl))
        expect(await found({ role: 'auditor' })).to.deep.equal([])
        const [first = no(), second = no(), third = no()] = sorted(ids.ann, ids.bob, ids.carl)
        expect(await found({ limit: 2 })).to.deep.equal([first, second])
        expect(await found({ after: second })).to.deep.equal([third])
        const [user] = await identity.findUsers({ email: null, role: null, after: null, limit: 1 })
        expect(user).to.deep.equal(await identity.findUser(first))
      })
    })

    it('finds users by how their names begin, case counting, name by name', async () => {
      const made = ['Ann', 'Anna', 'ann', 'Bob', 'Ann', 'Zoë', "An'n--"]
      const users = await Promise.all(made.map(async (name) => (await identity.createGuest(name)).user))
      const found = async (prefix: string, limit = 10, after: User | null = null): Promise<readonly User[]> =>
        identity.findUsersByName(prefix, after, limit)
      const anns = users.filter(({ displayName }) => displayName.startsWith('Ann'))
      anns.sort((a, b) =>
        a.displayName === b.displayName ? (a.id < b.id ? -1 : 1) : a.displayName < b.displayName ? -1 : 1,
      )
      expect(await found('Ann')).to.deep.equal(anns)
      const [first = null] = await found('Ann', 1)
      expect(await found('Ann', 1, first)).to.deep.equal(anns.slice(1, 2))
      expect(await found('Ann', 10, anns.at(-1))).to.deep.equal([])
      expect((await found("An'")).map(({ displayName }) => displayName)).to.deep.equal(["An'n--"])
      expect((await found('Ｚｏ')).map(({ displayName }) => displayName)).to.deep.equal(['Zoë'])
      for (const none of ['%', '_', '^A', '.*', 'Annex']) expect(await found(none)).to.deep.equal([])
    })

    describe('accounts', () => factorSuite(() => ({ clock, identity, reopen })))

    it('is unavailable once closed', async () => {
      await identity.close()
      const failure = await identity.createGuest('Ann').catch((error: unknown) => error)
      expect(failure).to.include({ name: 'ServiceError', code: 'unavailable' })
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
  throw new Error('there are three')
}
