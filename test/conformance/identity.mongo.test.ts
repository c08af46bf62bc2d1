// Identity on MongoDB: the suite of the port, and what several processes do at the same moment, each with a connection
// of its own to one database.

import { expect } from 'chai'
import { MongoClient } from 'mongodb'
import { TOTP } from 'otpauth'
import type { Clock } from '../../actors/runtime/ports.ts'
import type { Identity, Session, SignIn } from '../../server/identity/port.ts'
import { newRecoveryCodes, SecondFactors, type ShownText } from '../../server/identity/secondFactor.ts'
import { openMongoIdentity } from '../../server/mongo/mongoIdentity.ts'
import type { UserId } from '../../shared/ids.ts'
import { ManualTime } from '../support/manualTime.ts'
import { describeWithServices, type Service, startMongo } from '../support/services.ts'
import { identitySuite } from './identity.suite.ts'

const ANN = { email: 'ann@example.com', password: 'correct horse battery', displayName: 'Ann' }
const PROCESSES = [0, 1, 2]

describeWithServices(['mongo'], 'identity on MongoDB', () => {
  let mongo: Service
  const clients: MongoClient[] = []
  const connect = async (): Promise<MongoClient> => {
    const client = new MongoClient(mongo.url, { serverSelectionTimeoutMS: 1_000 })
    clients.push(client)
    return client.connect()
  }
  const open = (client: MongoClient | undefined, dataSet: string, clock: Clock): Promise<Identity> =>
    client === undefined
      ? Promise.reject(new Error('not connected'))
      : openMongoIdentity(client.db(dataSet), clock, fail)

  before(async () => {
    mongo = await startMongo()
    await Promise.all(PROCESSES.map(connect))
  })
  after(async () => {
    await Promise.all(clients.map((client) => client.close()))
    await mongo.stop()
  })

  identitySuite('MongoDB', (clock, dataSet) => open(clients[0], `suite_${dataSet}`, clock))

  describe('in three processes at once', () => {
    let dataSet = 0
    let clock: ManualTime
    let processes: readonly Identity[] = []
    const collection = (name: string) => clients[0]?.db(`many_${dataSet}`).collection(name)
    const everywhere = <T>(ask: (identity: Identity) => Promise<T>): Promise<T[]> => Promise.all(processes.map(ask))

    beforeEach(async () => {
      dataSet++
      clock = new ManualTime(Date.UTC(2026, 0, 1))
      processes = await Promise.all(clients.slice(0, 3).map((client) => open(client, `many_${dataSet}`, clock)))
    })
    afterEach(() => everywhere((identity) => identity.close()))

    it('an address is taken once, and who was refused leaves no user behind', async () => {
      for (let round = 0; round < 5; round++) {
        const email = `ann${round}@example.com`
        const answers = await everywhere((identity) => identity.register({ ...ANN, email }))
        expect(answers.map(outcome).sort()).to.deep.equal(['auth.email_taken', 'auth.email_taken', 'signed_in'])
      }
      expect(await collection('identity_users')?.countDocuments()).to.equal(5)
    })

    it('a user made by one is known to all', async () => {
      const [one, two, three] = processes
      const { user } = session((await one?.register(ANN)) ?? missing())
      expect(await two?.findUser(user.id)).to.deep.equal(user)
      expect(outcome((await three?.login(ANN.email, ANN.password)) ?? missing())).to.equal('signed_in')
    })

    it('one admin is left when all give the role up, each in a process of its own', async () => {
      for (let round = 0; round < 5; round++) {
        const ids: UserId[] = []
        for (const [at, identity] of processes.entries()) {
          const email = `admin${round}-${at}@example.com`
          const { user } = session(await identity.register({ ...ANN, email }))
          await identity.setRoles(user.id, ['admin'])
          ids.push(user.id)
        }
        // Of the round before, one is left.
        const [before] = await admins(processes[0] ?? missing(), ids)
        if (before !== undefined) await processes[1]?.setRoles(before, [])
        const changes = await Promise.all(processes.map((identity, at) => identity.setRoles(ids[at] ?? missing(), [])))
        expect(changes.filter(({ kind }) => kind === 'refused')).to.have.length(1)
        expect(await admins(processes[2] ?? missing(), [])).to.have.length(1)
      }
    })

    it('guesses count one by one', async () => {
      for (let round = 0; round < 5; round++) {
        const guess = (identity: Identity) => identity.login(`nobody${round}@example.com`, 'not the password')
        const answers = await Promise.all([...processes, ...processes, ...processes].map(guess))
        expect(answers.filter((answer) => outcome(answer) === 'auth.invalid_credentials')).to.have.length(5)
        expect(answers.filter((answer) => outcome(answer) === 'auth.locked')).to.have.length(4)
      }
    })

    it('a token swapped everywhere gives one session, of which the last answer is good', async () => {
      for (let round = 0; round < 10; round++) {
        const { refreshToken } = (await processes[0]?.createGuest('Ann')) ?? missing()
        const answers: SignIn[] = []
        await everywhere(async (identity) => answers.push(await identity.refresh(refreshToken)))
        expect(answers.map(outcome)).to.deep.equal(['signed_in', 'signed_in', 'signed_in'])
        const last = answers.map(session).at(-1)?.refreshToken ?? ''
        const again = await processes[1]?.refresh(last)
        expect(outcome(again ?? missing())).to.equal('signed_in')
      }
    })

    it('a logout that meets swaps ends the session', async () => {
      for (let round = 0; round < 10; round++) {
        const { refreshToken } = (await processes[0]?.createGuest('Ann')) ?? missing()
        const [left, first, second] = await Promise.all([
          processes[0]?.logout(refreshToken),
          processes[1]?.refresh(refreshToken),
          processes[2]?.refresh(refreshToken),
        ])
        expect(left).to.equal(undefined)
        for (const swapped of [first, second]) {
          const token = swapped?.kind === 'signed_in' ? swapped.session.refreshToken : refreshToken
          expect(outcome((await processes[0]?.refresh(token)) ?? missing())).to.equal('auth.refresh_invalid')
        }
      }
    })

    it('a user keeps 20 sessions, those used last', async () => {
      await processes[0]?.register(ANN)
      const sessions: Session[] = []
      for (let round = 0; round < 8; round++) {
        clock.jump(1_000)
        sessions.push(...(await everywhere((identity) => identity.login(ANN.email, ANN.password))).map(session))
      }
      const swapped: string[] = []
      for (const { refreshToken } of sessions.reverse()) {
        swapped.push(outcome((await processes[0]?.refresh(refreshToken)) ?? missing()))
      }
      expect(swapped.filter((answer) => answer === 'signed_in')).to.have.length(20)
      expect(swapped.indexOf('auth.refresh_invalid')).to.be.at.least(18)
    })

    it('logging out everywhere ends the sessions that other processes began', async () => {
      const { user } = session((await processes[0]?.register(ANN)) ?? missing())
      const begun = (await everywhere((identity) => identity.login(ANN.email, ANN.password))).map(session)
      await processes[2]?.logoutEverywhere(user.id)
      for (const { refreshToken } of begun) {
        expect(outcome((await processes[0]?.refresh(refreshToken)) ?? missing())).to.equal('auth.refresh_invalid')
      }
    })

    it('a code shown to all lets one in, and an erased user leaves an id and no other document', async () => {
      const [one = missing(), two = missing()] = processes
      const factors = new SecondFactors('a secret of more than 32 characters, for tests', clock)
      const { user } = session(await one.register(ANN))
      const { factor, secret } = factors.setUp(user.id, 'ann')
      await one.proposeFactor(user.id, factor)
      const { codes, hashes } = newRecoveryCodes(user.id)
      const step = Math.floor(clock.nowMs() / 30_000)
      const confirmed = await everywhere((identity) => identity.confirmFactor(user.id, factor.id, step, hashes))
      expect(confirmed.filter((isConfirmed) => isConfirmed)).to.have.length(1)
      const login = (identity: Identity, shown: ShownText) =>
        identity.login(ANN.email, ANN.password, factors.check(shown)).then(outcome)
      const onlyOne = ['auth.mfa_invalid', 'auth.mfa_invalid', 'signed_in']
      for (let round = 0; round < 5; round++) {
        clock.jump(30_000)
        const code = new TOTP({ secret }).generate({ timestamp: clock.nowMs() })
        const byCode = await everywhere((identity) => login(identity, { code, recoveryCode: null }))
        expect(byCode.sort()).to.deep.equal(onlyOne)
        const recoveryCode = codes[round] ?? ''
        const byRecovery = await everywhere((identity) => login(identity, { code: null, recoveryCode }))
        expect(byRecovery.sort()).to.deep.equal(onlyOne)
      }
      await two.destinationOf(user.id, 'DE00 1234')
      await two.setPassword(user.id, 'another horse battery')
      const erasures = await everywhere((identity) => identity.erase(user.id))
      expect(erasures.map(({ kind }) => kind)).to.deep.equal(['erased', 'erased', 'erased'])
      expect((await processes[2]?.findUser(user.id))?.email).to.equal(null)
      for (const name of ['emails', 'passwords', 'sessions', 'factors', 'spent_codes', 'destinations']) {
        expect(await collection(`identity_${name}`)?.countDocuments({ user: user.id }), name).to.equal(0)
      }
    })

    it('a session swapped often leaves no more than a few documents', async () => {
      let { refreshToken } = (await processes[0]?.createGuest('Ann')) ?? missing()
      for (let swap = 0; swap < 30; swap++) {
        clock.jump(60_000)
        refreshToken = session((await processes[swap % 3]?.refresh(refreshToken)) ?? missing()).refreshToken
      }
      expect(await collection('identity_sessions')?.countDocuments()).to.equal(8)
      await processes[0]?.logout(refreshToken)
      expect(await collection('identity_sessions')?.countDocuments()).to.equal(1)
    })
  })
})

describeWithServices(['mongo'], 'identity without its MongoDB', () => {
  it('is unavailable while the database is away, and answers again when it is back', async () => {
    const mongo = await startMongo()
    const client = await new MongoClient(mongo.url, { serverSelectionTimeoutMS: 1_000 }).connect()
    const identity = await openMongoIdentity(client.db('away'), new ManualTime(Date.UTC(2026, 0, 1)), fail)
    const guest = await identity.createGuest('Ann')
    await mongo.kill()
    for (const ask of [
      () => identity.createGuest('Bob'),
      () => identity.refresh(guest.refreshToken),
      () => identity.login(ANN.email, ANN.password),
      () => identity.findUser(guest.user.id),
    ]) {
      const failure = await ask().catch((error: unknown) => error)
      expect(failure).to.include({ name: 'ServiceError', code: 'unavailable' })
    }
    await mongo.start()
    expect(outcome(await identity.refresh(guest.refreshToken))).to.equal('signed_in')
    await identity.close()
    await client.close()
    await mongo.stop()
  })
})

async function admins(identity: Identity, but: readonly UserId[]): Promise<readonly UserId[]> {
  const found = await identity.findUsers({ email: null, role: 'admin', after: null, limit: 100 })
  return found.map(({ id }) => id).filter((id) => !but.includes(id))
}

function fail(error: unknown): void {
  throw error
}

function outcome(signIn: SignIn): string {
  return signIn.kind === 'signed_in' ? 'signed_in' : signIn.code
}

function session(signIn: SignIn): Session {
  if (signIn.kind === 'refused') throw new Error(`refused: ${signIn.code}`)
  return signIn.session
}

function missing(): never {
  throw new Error('there are three processes')
}
