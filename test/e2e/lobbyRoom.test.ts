// The lobby room as its clients see it: pushes of what is durable, chat for those who sit there, who is let in and who is
// let go; and a lobby that goes all the way, to a match for a stake and its end.

import type { Room } from '@colyseus/sdk'
import { expect } from 'chai'
import { CHAT, type ChatLine, LOBBY_CLOSE, LOBBY_REQUESTS, type LobbyBody } from '../../shared/lobbyMessages.ts'
import { call, type Guest, newGuest, newKey } from '../support/http.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { until } from '../support/until.ts'
import { sdk } from '../support/walletClient.ts'

class LobbyClient {
  readonly lines: ChatLine[] = []
  lobby: LobbyBody | null = null
  closeCode: number | null = null
  readonly guest: Guest
  readonly room: Room

  private constructor(guest: Guest, room: Room) {
    this.guest = guest
    this.room = room
    room.reconnection.enabled = false
    room.onMessage('lobby', (lobby: LobbyBody) => {
      this.lobby = lobby
    })
    room.onMessage('chat', ({ lines }: { lines: ChatLine[] }) => {
      this.lines.push(...lines)
    })
    room.onMessage('*', () => {})
    room.onError(() => {})
    room.onLeave((code) => {
      this.closeCode = code
    })
  }

  static async join(url: string, guest: Guest, options: object): Promise<LobbyClient> {
    return new LobbyClient(guest, await sdk(url, guest.token).joinOrCreate('lobby', options))
  }

  /** The reply, or the code of the refusal. */
  async ask(type: string, payload?: object): Promise<unknown> {
    try {
      return await this.room.request(type, payload)
    } catch (error) {
      if (error instanceof Error && 'reason' in error) return (error.reason as { code: string }).code // of ctx.reject
      throw error
    }
  }

  sees(what: string, is: (lobby: LobbyBody) => boolean): Promise<LobbyBody> {
    return until(what, () => (this.lobby !== null && is(this.lobby) ? this.lobby : null))
  }
}

describe('the lobby room', () => {
  let server: TestServer
  let [ann, ben, cat]: [Guest, Guest, Guest] = [] as never // before each test
  const clients: LobbyClient[] = []
  before(async () => {
    server = await startTestServer({ RATE_LIMITS: 'off' })
  })
  beforeEach(async () => {
    const guest = async (name: string): Promise<Guest> => {
      const { body } = await call(server.url, 'POST /auth/guest', { body: { display_name: name } })
      return { token: body.token, refreshToken: body.refresh_token, userId: body.user_id, walletId: body.wallet_id }
    }
    ;[ann, ben, cat] = await Promise.all([guest('Ann <b>'), guest('Ben'), newGuest(server.url)])
  })
  afterEach(async () => {
    for (const { room, closeCode } of clients.splice(0)) if (closeCode === null) await room.leave()
  })
  after(() => server.stop())

  const open = async (more: object = {}): Promise<string> => {
    const body = { game_id: 'duel', team_format: '1v1', ...more }
    const reply = await call(server.url, 'POST /api/lobbies', { token: ann.token, body })
    expect(reply.status, reply.text).to.equal(201)
    return reply.body.lobby.id
  }
  const enter = async (guest: Guest, options: object): Promise<LobbyClient> => {
    const client = await LobbyClient.join(server.url, guest, options)
    clients.push(client)
    return client
  }

  it('shows each change to all who look, with names', async () => {
    const lobbyId = await open()
    const [a, b] = [await enter(ann, { lobbyId }), await enter(ben, { lobbyId })]
    await a.sees('the lobby', ({ status }) => status === 'open')
    await b.ask('join')
    const seen = await a.sees('Ben', (lobby) => lobby.player_slots[1]?.player_id === ben.userId)
    expect(seen.player_slots.map((slot) => slot.player_name)).to.deep.equal(['Ann <b>', 'Ben'])
    await b.ask('ready', { ready: true })
    await a.sees('Ben is ready', (lobby) => lobby.player_slots[1]?.is_ready === true)
    await b.ask('leave')
    await a.sees('Ben has left', (lobby) => lobby.player_slots[1]?.player_id === null)
  })

  it('who sits there talks to who sits there, a few lines at a time', async () => {
    const lobbyId = await open()
    const [a, b, c] = [await enter(ann, { lobbyId }), await enter(ben, { lobbyId }), await enter(cat, { lobbyId })]
    await b.ask('join')
    await a.sees('Ben', (lobby) => lobby.player_slots[1]?.player_id === ben.userId)
    const hostile = '<img src=x onerror=alert(1)> "\'& ünï 🏠'
    expect(await a.ask('chat', { text: hostile })).to.deep.equal({ said: true })
    const line = await until('Ben hears it', () => b.lines[0] ?? null)
    expect(line).to.include({ user_id: ann.userId, name: 'Ann <b>', text: hostile })
    expect(await c.ask('chat', { text: 'me too' })).to.equal('lobby.not_seated')
    for (let said = 1; said < CHAT.burst; said++) await a.ask('chat', { text: `${said}` })
    expect(await a.ask('chat', { text: 'and more' })).to.equal('rate_limited')
    await until('all of it', () => (b.lines.length === CHAT.burst ? true : null))
    expect(c.lines).to.deep.equal([])
    for (const text of ['', ' ', 'a\u202eb', 'a\nb', 'x'.repeat(CHAT.maxLength + 1)])
      expect(await a.ask('chat', { text })).to.equal('invalid_request')
    const late = await enter(ben, { lobbyId })
    await until('what was said before', () => (late.lines.length === CHAT.burst ? true : null))
  })

  it('who is sent away is let go, and not let in again', async () => {
    const lobbyId = await open()
    const [a, b] = [await enter(ann, { lobbyId }), await enter(ben, { lobbyId })]
    await b.ask('join')
    expect(await b.ask('kick', { user_id: ann.userId })).to.equal('lobby.not_owner')
    await a.ask('kick', { user_id: ben.userId })
    expect(await until('Ben is gone', () => b.closeCode)).to.equal(LOBBY_CLOSE.sentAway)
    const again = await enter(ben, { lobbyId }).catch((error: unknown) => error)
    expect(again).to.be.instanceOf(Error)
    await a.ask('invite', { user_id: ben.userId })
    await enter(ben, { lobbyId })
  })

  it('lets into a lobby of friends who is invited, and into a private one also who has its code', async () => {
    const refused = async (guest: Guest, options: object): Promise<boolean> =>
      enter(guest, options).then(
        () => false,
        () => true,
      )
    const friends = await open({ visibility: 'friends' })
    expect(await refused(ben, { lobbyId: friends })).to.equal(true)
    const a = await enter(ann, { lobbyId: friends })
    await a.ask('invite', { user_id: ben.userId })
    const b = await enter(ben, { lobbyId: friends })
    expect(await b.ask('join')).to.have.property('lobby')
    const hidden = await open({ visibility: 'private' })
    const { join_code: code } = await (await enter(ann, { lobbyId: hidden })).sees(
      'its code',
      (l) => l.join_code !== null,
    )
    expect(await refused(ben, { lobbyId: hidden, code: 'AAAAAAAAAA' })).to.equal(true)
    const inside = await enter(ben, { lobbyId: hidden, code })
    await inside.ask('join')
    await inside.sees('a seat', (lobby) => lobby.player_slots[1]?.player_id === ben.userId)
  })

  it('lets nobody in without a lobby, or a token', async () => {
    const lobbyId = await open()
    for (const options of [{}, { lobbyId: 'l_nothere' }, { lobbyId: 7 }, { lobbyId: '../x' }])
      expect(await enter(ben, options).catch(() => 'refused')).to.equal('refused')
    expect(await enter({ ...ben, token: 'x.y.z' }, { lobbyId }).catch(() => 'refused')).to.equal('refused')
  })

  it('answers whatever it is sent', async () => {
    const a = await enter(ann, { lobbyId: await open() })
    for (const type of Object.keys(LOBBY_REQUESTS)) {
      if (type === 'leave') continue
      for (const payload of [[], { user_id: {} }, { ready: 1 }, { text: {} }, { seat: -1 }, { bots: 'yes' }]) {
        const answer = await a.ask(type, payload)
        expect(answer, `${type} ${JSON.stringify(payload)}`).to.satisfy(
          (each: unknown) => typeof each === 'object' || /^(invalid_request|lobby\.|match\.)/.test(String(each)),
        )
      }
    }
    a.room.send('nothing', { a: 1 })
    expect(await a.ask('leave')).to.have.property('lobby')
  })

  it('goes all the way: a stake each, a match, its end, and the lobby is completed', async () => {
    const deposit = (guest: Guest) => {
      const body = { currency: 'USD', amount: '10', idempotency_key: newKey() }
      return call(server.url, 'POST /wallet/deposit', { token: guest.token, body })
    }
    for (const guest of [ann, ben]) await deposit(guest)
    const lobbyId = await open({ tier: 'pro', visibility: 'private' })
    const { join_code: code } = await (await enter(ann, { lobbyId })).sees(
      'its code',
      (lobby) => lobby.join_code !== null,
    )
    const [a, b] = [await enter(ann, { lobbyId }), await enter(ben, { lobbyId, code })]
    await b.ask('join')
    await b.ask('ready', { ready: true })
    await a.ask('start')
    const { match_id: matchId } = await b.sees('a match', ({ status }) => status === 'starting')
    for (const client of [a, b])
      await until('the stake is under way', async () => {
        const answer = await client.ask('confirm')
        return answer === 'lobby.no_match' ? null : answer
      })
    const rooms: Room[] = []
    let views = 0
    for (const { token } of [ann, ben]) {
      const room = await until('a seat in the match', () =>
        sdk(server.url, token)
          .join('match', { matchId })
          .catch(() => null),
      )
      room.reconnection.enabled = false
      room.onMessage('*', (type) => {
        if (type === 'view') views++
      })
      rooms.push(room)
    }
    await a.sees('it is played', ({ status }) => status === 'started')
    await until('something of it', () => (views > 0 ? true : null))
    await rooms[1]?.request('surrender')
    await a.sees('it is over', ({ status }) => status === 'completed')
    const balance = async ({ token }: Guest) =>
      (await call(server.url, 'GET /wallet/balance', { token })).body.balances.USD
    await until('the prize', async () => ((await balance(ann)) === '11.50' ? true : null))
    expect(await balance(ben)).to.equal('8.00')
    for (const room of rooms) await room.leave().catch(() => {})
  })
})
