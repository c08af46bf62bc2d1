// Matches over real sockets, on the real server: who may sit where, what is played, who is paid, and who looks on.

import { expect } from 'chai'
import { ControlClient, type MatchOf } from '../../loadtest/match/controlClient.ts'
import { CLOSE } from '../../shared/matchMessages.ts'
import { call, type Guest, newGuest, newKey } from '../support/http.ts'
import { MatchClient } from '../support/matchClient.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { until } from '../support/until.ts'
import { WalletClient } from '../support/walletClient.ts'

const PROGRAM = { program: 'loadtest/match/matchServer.ts' }

describe('match rooms', () => {
  let server: TestServer
  let control: ControlClient
  const clients: MatchClient[] = []

  before(async () => {
    server = await startTestServer({}, PROGRAM)
    control = new ControlClient(server.dataDir)
  })
  after(async () => {
    expect(await server.stop(), server.output).to.equal(0)
  })
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.leave()))
  })

  const guests = (count: number): Promise<Guest[]> =>
    Promise.all(Array.from({ length: count }, () => newGuest(server.url)))

  async function seated(players: readonly Guest[], more: Partial<MatchOf> = {}): Promise<readonly MatchClient[]> {
    const match = await control.ready({ users: players.map(({ userId }) => userId), ...more })
    const joined = await Promise.all(players.map((player) => MatchClient.joinSoon(server.url, player, match)))
    clients.push(...joined)
    return joined
  }

  async function two(more: Partial<MatchOf> = {}): Promise<readonly [MatchClient, MatchClient, string]> {
    const [anna, bert] = await seated(await guests(2), more)
    if (anna === undefined || bert === undefined) throw new Error('two')
    return [anna, bert, anna.room.roomId]
  }

  /** Fire beats ice each round: seat 0 wins. */
  async function playDuel(anna: MatchClient, bert: MatchClient): Promise<void> {
    for (let round = 1; round <= 2; round++) {
      await anna.pushed('view', ({ v }) => v.round === round && v.phase === 'choose')
      anna.input('fire')
      bert.input('ice')
    }
  }

  it('no room is opened for who has no token that holds', async () => {
    const [, , match] = await two()
    for (const [token, code] of [
      [undefined, 'unauthenticated'],
      ['not.a.token', 'token_expired'],
    ] as const) {
      const more = token === undefined ? {} : { token }
      const asked = await call(server.url, 'POST /matchmake/join/match', {
        body: { matchId: match, spectate: true },
        ...more,
      })
      expect([asked.status, asked.body.error.code]).to.deep.equal([401, code])
    }
  })

  it('a match is played: everybody arrives, sees their own view, and hears the result', async () => {
    const [anna, bert, match] = await two()
    expect(await anna.pushed('match', ({ status }) => status === 'live')).to.deep.include({ match_id: match, you: 0 })
    await playDuel(anna, bert)
    const result = await anna.pushed('result')
    expect(result.results.map((row: { position: number }) => row.position)).to.deep.equal([1, 2])
    const view = await control.match(match)
    expect([view.status, view.score?.by.kind, view.score?.hash]).to.deep.equal(['settled', 'loop', result.hash])
    expect(view.score?.recording, 'the recording is kept').to.match(/^[0-9a-f]{64}$/)
  })

  it('a stake is paid to who won', async () => {
    const players = await guests(2)
    const wallets = await Promise.all(players.map((player) => WalletClient.join(server.url, player)))
    await Promise.all(wallets.map((wallet) => wallet.deposit('5.00', newKey())))
    const [anna, bert] = await seated(players, { spec: { stakeMinor: 500n } })
    if (anna === undefined || bert === undefined) throw new Error('two')
    await playDuel(anna, bert)
    const settlement = await anna.pushed('settlement')
    expect(settlement).to.deep.equal({ payouts: [{ seat: 0, amount: '9.50' }], rake: '0.50' })
    await until('it is paid', async () => (await wallets[0]?.balance())?.available === '9.50')
    expect((await wallets[1]?.balance())?.available).to.equal('0.00')
    await Promise.all(wallets.map((wallet) => wallet.leave()))
  })

  it('nobody hears what another seat has chosen before it is shown', async () => {
    const [anna, bert] = await two()
    await anna.pushed('view')
    anna.input('fire')
    await anna.pushed('view', ({ v }) => v.choices[0] === 'fire')
    const seen = bert.last('view').t
    await bert.pushed('view', ({ t }) => t > seen + 5)
    expect(bert.all('view').every(({ v }) => v.phase !== 'choose' || v.choices[0] === null)).to.equal(true)
  })

  it('a view acknowledges the newest input that was played', async () => {
    const [anna] = await two()
    await anna.pushed('view')
    anna.input('fire')
    anna.input('fire')
    await anna.pushed('view', ({ a }) => a === 2)
  })

  describe('who sits where', () => {
    it('somebody who is not seated does not', async () => {
      const [, , match] = await two()
      const stranger = await newGuest(server.url)
      expect(await refusal(MatchClient.join(server.url, stranger, match))).to.include('forbidden')
    })

    it('nobody makes a match room by asking for it', async () => {
      const { token } = await newGuest(server.url)
      for (const [path, body] of [
        ['joinOrCreate/match', {}],
        ['joinOrCreate/match', { matchId: 'm_nosuchmatch' }],
        ['joinOrCreate/watch', { match: 'm_nosuchmatch' }],
        ['create/match', { matchId: 'm_nosuchmatch' }],
        ['joinById/m_nosuchmatch', {}],
        ['join/match', { matchId: 'm_nosuchmatch', spectate: true }],
      ] as const) {
        const reply = await call(server.url, `POST /matchmake/${path}`, { token, body })
        expect([path, reply.status]).to.deep.equal([path, 404])
      }
    })

    it('a second device takes the seat over; the first is told', async () => {
      const [anna, bert, match] = await two()
      const again = await MatchClient.join(server.url, anna.guest, match)
      clients.push(again)
      expect(await anna.gone()).to.equal(CLOSE.takenOver)
      await again.pushed('view')
      await playDuel(again, bert)
      expect((await again.pushed('result')).results[0].position).to.equal(1)
    })

    it('a lost connection gets its seat back; meanwhile the seat is away', async () => {
      const [anna, bert] = await two({ spec: { game: 'arena', mode: 'ffa', map: null } })
      await bert.pushed('view')
      await anna.drop()
      const back = await MatchClient.reconnect(server.url, anna)
      clients.push(back)
      await back.pushed('view')
      expect(back.room.sessionId).to.equal(anna.room.sessionId)
    })

    it('who surrenders has lost, and has forfeited', async () => {
      const [anna, bert, match] = await two()
      await anna.pushed('view')
      expect(await anna.room.request('surrender')).to.deep.equal({ accepted: true })
      const result = await bert.pushed('result')
      expect(result.results.map((row: { position: number }) => row.position)).to.deep.equal([2, 1])
      expect((await control.match(match)).seats.map(({ forfeit }) => forfeit)).to.deep.equal([true, false])
    })
  })

  describe('noise', () => {
    it('what is no input is answered, and changes nothing', async () => {
      const [anna, bert] = await two()
      await anna.pushed('view')
      for (const message of [null, 7, 'fire', {}, { s: 0, i: 'fire' }, { s: 1.5, i: 'fire' }, { s: 1, i: 'lava' }]) {
        anna.room.send('input', message)
      }
      anna.room.send('nonsense', {})
      await until('all are answered', () => anna.all('error').length === 8)
      await playDuel(anna, bert)
      expect((await anna.pushed('result')).results[0].position).to.equal(1)
    })
  })

  describe('keys', () => {
    // M6: all of a match ask one actor. What a client calls its question cannot take the loop's own word from it.
    it('a player’s key is their own: the result comes, whatever keys were used before it', async () => {
      const [anna, bert, match] = await two()
      await anna.pushed('view')
      for (const key of ['finish', 'abort', 'resume:1']) {
        expect(await refusal(bert.room.request('dispute', { type: 'bug', key }))).to.not.equal('joined')
      }
      await playDuel(anna, bert)
      await anna.pushed('result')
      expect((await control.match(match)).score?.by.kind).to.equal('loop')
    })

    it('two players may use the same key', async () => {
      const spec = { stakeMinor: 0n, disputeMs: 60_000 }
      const [anna, bert, match] = await two({ spec })
      await playDuel(anna, bert)
      await anna.pushed('result')
      const dispute = { type: 'bug', key: newKey() }
      for (const player of [anna, bert]) {
        expect(await player.room.request('dispute', dispute)).to.deep.equal({ accepted: true })
      }
      expect((await control.match(match)).disputes).to.have.length(2)
    })
  })

  describe('somebody who was erased', () => {
    const erased = (guest: Guest) =>
      call(server.url, 'POST /auth/erase', { token: guest.token, body: { idempotency_key: newKey() } })

    it('plays no more: their inputs and requests are refused, and their connection goes', async () => {
      const [anna, bert] = await two()
      await anna.pushed('view')
      expect((await erased(anna.guest)).status).to.equal(200)
      expect(await refusal(anna.room.request('surrender'))).to.include('unauthenticated')
      const key = newKey()
      expect(await refusal(anna.room.request('dispute', { type: 'bug', key }))).to.include('unauthenticated')
      anna.input('fire')
      await anna.gone()
      const seen = bert.last('view').t
      await bert.pushed('view', ({ t }) => t > seen)
    })

    it('sees no more', async () => {
      const [anna, , match] = await two()
      const eve = await MatchClient.watch(server.url, await newGuest(server.url), match)
      clients.push(eve)
      await anna.pushed('view')
      expect((await erased(eve.guest)).status).to.equal(200)
      await eve.gone()
    })
  })

  describe('looking on', () => {
    it('a spectator sees what anybody may see, late, and is told who plays and when it is over', async () => {
      const [anna, bert, match] = await two()
      const [eve, adam] = await Promise.all(
        (await guests(2)).map((guest) => MatchClient.watch(server.url, guest, match)),
      )
      if (eve === undefined || adam === undefined) throw new Error('two')
      clients.push(eve, adam)
      expect(await eve.pushed('watching')).to.deep.include({ match_id: match, game: 'duel', delay_seconds: 0 })
      await eve.pushed('spectators', ({ count }) => count === 2)
      await playDuel(anna, bert)
      await anna.pushed('result')
      await eve.pushed('over')
      const views = eve.all('view')
      expect(views.length).to.be.greaterThan(5)
      expect(
        views.every(({ v }) => v.phase !== 'choose' || v.choices.every((choice: unknown) => choice === null)),
      ).to.equal(true)
      const common = adam.all('view').filter(({ t }) => views.some((view) => view.t === t))
      expect(common).to.deep.equal(views.filter(({ t }) => common.some((view) => view.t === t)))
      expect(views.map(({ t }) => t)).to.deep.equal([...views.map(({ t }) => t)].sort((a, b) => a - b))
    })

    it('a spectator is nobody in the match: what they send is refused', async () => {
      const [anna, , match] = await two()
      const eve = await MatchClient.watch(server.url, await newGuest(server.url), match)
      clients.push(eve)
      await anna.pushed('view')
      eve.input('fire')
      eve.room.send('surrender')
      await until('both are answered', () => eve.all('error').length === 2)
      expect((await control.match(match)).status).to.equal('live')
    })
  })
})

async function refusal(joining: Promise<unknown>): Promise<string> {
  return joining.then(
    () => 'joined',
    // Of a request the code is in what it was refused with.
    (error: unknown) => `${error} ${JSON.stringify(error)}`,
  )
}
