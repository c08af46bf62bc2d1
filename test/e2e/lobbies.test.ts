// Lobbies over HTTP: opened, found, joined, started with and without a stake, given up; what others may see and do; and
// whatever else somebody may send.

import { expect } from 'chai'
import { call, type Guest, newGuest, newKey, type Reply } from '../support/http.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { newStaff } from '../support/staff.ts'
import { until } from '../support/until.ts'

const ARENA = { game_id: 'arena', game_mode: 'blitz', team_format: '1v1' }

describe('lobbies over HTTP', () => {
  let server: TestServer
  let [ann, ben, cat]: Guest[] = []
  before(async () => {
    server = await startTestServer({ RATE_LIMITS: 'off' })
  })
  beforeEach(async () => {
    ;[ann, ben, cat] = await Promise.all([newGuest(server.url), newGuest(server.url), newGuest(server.url)])
  })
  after(() => server.stop())

  const as = (who: Guest | undefined, line: string, body?: object, headers = {}): Promise<Reply> =>
    call(server.url, line, {
      headers,
      ...(who === undefined ? {} : { token: who.token }),
      ...(body === undefined ? {} : { body }),
    })
  const code = (reply: Reply): string => reply.body?.error?.code ?? `${reply.status}`
  const open = async (more: object = {}, who = ann): Promise<string> => {
    const reply = await as(who, 'POST /api/lobbies', { ...ARENA, ...more })
    expect(reply.status, reply.text).to.equal(201)
    return reply.body.lobby.id
  }
  const lobby = async (id: string, who = ann) => (await as(who, `GET /api/lobbies/${id}`)).body.lobby
  const status = (id: string, wanted: string): Promise<unknown> =>
    until(`the lobby is ${wanted}`, async () => ((await lobby(id)).status === wanted ? true : null))
  const deposit = (who: Guest | undefined, amount: string): Promise<Reply> =>
    as(who, 'POST /wallet/deposit', { currency: 'USD', amount, idempotency_key: newKey() })
  const balance = async (who: Guest | undefined): Promise<string> =>
    (await as(who, 'GET /wallet/balance')).body.balances.USD
  const found = async (query: string, who = ann): Promise<readonly string[]> =>
    (await as(who, `GET /api/lobbies?limit=100&${query}`)).body.lobbies.map(({ id }: { id: string }) => id)

  it('is opened, found, joined and started, and its match is for those two', async () => {
    const id = await open()
    expect(await lobby(id)).to.deep.include({
      ...{ status: 'open', creator_id: ann?.userId, visibility: 'public', max_players: 2, type: 'ranked' },
      ...{ entry_fee_cents: 0, match_id: null, join_code: null, team_format: '1v1', region: 'eu-west' },
    })
    expect(await found('game_id=arena&game_mode=blitz&region=eu-west', ben)).to.include(id)
    const joined = await as(ben, `POST /api/lobbies/${id}/join`, { player_id: ben?.userId, player_mmr: 9_000 })
    expect(joined.body.assigned_slot).to.deep.include({ slot_number: 1, player_id: ben?.userId, mmr: 1_500, team: 2 })
    expect((await as(ann, `POST /api/lobbies/${id}/start`, {})).body).to.deep.include({ match_id: null })
    const ready = await as(ben, `PUT /api/lobbies/${id}/ready`, { player_id: ben?.userId, is_ready: true })
    expect(ready.body).to.include({ all_players_ready: true, ready_count: 2, total_count: 2 })
    const { match_id: match, room_options: options } = (await as(ben, `GET /api/lobbies/${id}/connection-info`)).body
    expect(options).to.deep.equal({ matchId: match })
    expect(code(await as(cat, `GET /api/lobbies/${id}/connection-info`))).to.equal('forbidden')
    expect(await found('', cat)).to.not.include(id)
    expect(await found('mine=true')).to.deep.equal([id])
    const summary = await until('the match is made', async () => {
      const reply = await as(ann, `GET /api/lobbies/${id}/commitments`)
      return reply.status === 200 ? reply.body : null
    })
    expect(summary).to.include({ match_id: match, total_players: 2, confirmed_count: 0, pending_count: 2 })
    for (const who of [ann, ben])
      expect((await as(who, `POST /api/lobbies/${id}/commitments/confirm`, {})).body.commitment.status).to.equal(
        'confirmed',
      )
    expect((await as(ann, `GET /api/lobbies/${id}/commitments`)).body).to.include({ all_confirmed: true })
  })

  it('stakes come from each own wallet, and go back where one declines', async () => {
    for (const who of [ann, ben]) await deposit(who, '10')
    const id = await open({ tier: 'pro' })
    expect((await lobby(id)).prize_pool).to.deep.include({
      ...{ currency: 'USD', entry_fee: '2.00', total: '4.00', platform_fee: '0.50', dispute_window_hours: 0 },
    })
    await as(ben, `POST /api/lobbies/${id}/join`, {})
    await as(ben, `PUT /api/lobbies/${id}/ready`, { is_ready: true })
    expect((await as(ann, `POST /api/lobbies/${id}/start`, {})).body.match_id).to.be.a('string')
    const confirm = (who: Guest | undefined) => as(who, `POST /api/lobbies/${id}/commitments/confirm`, {})
    await until('the match is made', async () => ((await confirm(ann)).status === 200 ? true : null))
    expect(code(await confirm(cat))).to.equal('match.not_seated')
    await until('the stake is there', async () => ((await balance(ann)) === '8.00' ? true : null))
    await until('it is confirmed', async () => {
      return (await confirm(ann)).body.commitment.status === 'confirmed' ? true : null
    })
    const declined = await as(ben, `POST /api/lobbies/${id}/commitments/decline`, {})
    expect(declined.body, declined.text).to.include({ declined_count: 1, has_declined_or_expired: true })
    await status(id, 'open')
    await until('the stake is back', async () => ((await balance(ann)) === '10.00' ? true : null))
    const again = await lobby(id)
    expect(again).to.include({ reopened_because: 'match_cancelled', creator_id: ann?.userId })
    expect(again.player_slots[1].player_id).to.equal(null)
  })

  it('who has no money does not stake, and who is not verified not much', async () => {
    const id = await open({ entry_fee: '5.01' })
    expect((await lobby(id)).prize_pool.dispute_window_hours).to.equal(72)
    await as(ben, `POST /api/lobbies/${id}/join`, {})
    await as(ben, `PUT /api/lobbies/${id}/ready`, { is_ready: true })
    await as(ann, `POST /api/lobbies/${id}/start`, {})
    const refusal = await until('the match is made', async () => {
      const answer = code(await as(ann, `POST /api/lobbies/${id}/commitments/confirm`, {}))
      return answer === 'lobby.no_match' ? null : answer
    })
    expect(refusal).to.equal('wallet.stake_kyc')
  })

  it('an owner who leaves in a match has left that too, and the lobby is another’s', async () => {
    const id = await open()
    await as(ben, `POST /api/lobbies/${id}/join`, {})
    await as(ben, `PUT /api/lobbies/${id}/ready`, { is_ready: true })
    await as(ann, `POST /api/lobbies/${id}/start`, {})
    expect((await as(ann, `DELETE /api/lobbies/${id}/leave`)).status).to.equal(204)
    await status(id, 'open')
    expect(await lobby(id)).to.include({ creator_id: ben?.userId })
    expect((await as(ben, `DELETE /api/lobbies/${id}/leave`)).status).to.equal(204)
    expect(await lobby(id)).to.include({ status: 'cancelled', closed_because: 'empty' })
  })

  it('bots take the free seats of a free lobby', async () => {
    const id = await open({ game_mode: '3v3', team_format: undefined, max_players: 6 })
    const started = await as(ann, `POST /api/lobbies/${id}/start`, { fill_bots: true })
    expect(started.body.match_id, started.text).to.be.a('string')
  })

  it('a private lobby is nobody’s to see or join without its code', async () => {
    const id = await open({ visibility: 'private' })
    const { join_code: joinCode } = await lobby(id)
    expect(joinCode).to.match(/^[A-Z2-9]{10}$/)
    expect(code(await as(ben, `GET /api/lobbies/${id}`))).to.equal('lobby.unknown')
    expect(code(await as(undefined, `GET /api/lobbies/${id}`))).to.equal('lobby.unknown')
    expect(code(await as(ben, `GET /api/lobbies/${id}/commitments`))).to.equal('lobby.unknown')
    expect(code(await as(ben, `POST /api/lobbies/${id}/join`, { code: 'AAAAAAAAAA' }))).to.equal('lobby.not_invited')
    expect((await as(ben, `GET /api/lobbies/${id}?code=${joinCode}`)).body.lobby.join_code).to.equal(null)
    expect((await as(ben, `POST /api/lobbies/${id}/join`, { code: joinCode })).status).to.equal(200)
    expect((await lobby(id, ben)).join_code).to.equal(joinCode)
    expect(await found('', cat)).to.not.include(id)
    expect(await found('mine=true', ben)).to.deep.equal([id])
  })

  it('the same key makes the same lobby, and another body is refused', async () => {
    const headers = { 'idempotency-key': newKey() }
    const first = await as(ann, 'POST /api/lobbies', ARENA, headers)
    const second = await as(ann, 'POST /api/lobbies', ARENA, headers)
    expect(second.body.lobby.id).to.equal(first.body.lobby.id)
    const other = await as(ann, 'POST /api/lobbies', { ...ARENA, region: 'na-east' }, headers)
    expect(code(other)).to.equal('idempotency_mismatch')
    expect((await as(ben, 'POST /api/lobbies', ARENA, headers)).body.lobby.id).to.not.equal(first.body.lobby.id)
  })

  it('one may own five at a time, however fast they are asked for', async () => {
    const replies = await Promise.all(Array.from({ length: 8 }, () => as(ann, 'POST /api/lobbies', ARENA)))
    expect(replies.map(code).sort()).to.deep.equal([...Array(5).fill('201'), ...Array(3).fill('lobby.too_many')])
    const [id] = replies.flatMap(({ body }) => body.lobby?.id ?? [])
    expect((await as(ann, `DELETE /api/lobbies/${id}`)).status).to.equal(204)
    await open()
  })

  it('figures and featured ones', async () => {
    const id = await open({ game_mode: '2v2', team_format: '2v2' })
    await as(ben, `POST /api/lobbies/${id}/join`, {})
    const stats = (await as(undefined, 'GET /api/lobbies/stats')).body
    expect(stats.lobbies_by_status.open).to.be.greaterThan(0)
    expect(stats.lobbies_by_game_mode['arena.2v2']).to.be.greaterThan(0)
    const featured = (await as(undefined, 'GET /api/lobbies/featured?game_id=arena&game_mode=2v2&limit=3')).body.lobbies
    expect(featured.map((each: { id: string }) => each.id)).to.include(id)
    expect(featured[0].is_featured).to.equal(true)
  })

  it('staff see all of them, and end one', async () => {
    const operator = await newStaff(server, 'operator')
    const id = await open({ visibility: 'friends' })
    const listed = await call(server.url, `GET /admin/lobbies?player=${ann?.userId}`, { token: operator.token })
    expect(listed.body.lobbies.map((each: { id: string }) => each.id)).to.deep.equal([id])
    const body = { idempotency_key: newKey() }
    const ended = await call(server.url, `POST /admin/lobbies/${id}/cancel`, { token: operator.token, body })
    expect(ended.body.lobby).to.include({ status: 'cancelled', closed_because: 'staff' })
    expect(code(await as(ann, 'GET /admin/lobbies'))).to.equal('forbidden')
  })

  const bad: readonly (readonly [name: string, body: object, answer: string])[] = [
    ['no game', {}, 'invalid_request'],
    ['an unknown game', { game_id: 'chess' }, 'invalid_request'],
    ['an unknown mode', { ...ARENA, game_mode: 'nuke' }, 'invalid_request'],
    ['a format that the mode has not', { ...ARENA, game_mode: '5v5', team_format: '1v1' }, 'invalid_request'],
    ['seven players', { game_id: 'arena', max_players: 7 }, 'invalid_request'],
    ['a hundred players', { game_id: 'arena', max_players: 100 }, 'invalid_request'],
    ['an unknown map', { ...ARENA, map: 'de_dust2' }, 'invalid_request'],
    ['an unknown region', { ...ARENA, region: 'mars' }, 'invalid_request'],
    ['an unknown visibility', { ...ARENA, visibility: 'secret' }, 'invalid_request'],
    ['an unknown asset', { ...ARENA, currency: 'DOGE', entry_fee: '1' }, 'asset.unknown'],
    ['a stake of a negative amount', { ...ARENA, entry_fee: '-1' }, 'amount.malformed'],
    ['a stake of more than there may be', { ...ARENA, entry_fee: '1000.01' }, 'invalid_request'],
    ['a stake finer than the asset', { ...ARENA, entry_fee: '1.001' }, 'amount.too_precise'],
    ['an NFT for a stake', { ...ARENA, currency: `NFT:1:0x${'a'.repeat(40)}:1`, entry_fee: '1' }, 'invalid_request'],
    ['an unknown prize rule', { ...ARENA, distribution_rule: 'mine' }, 'invalid_request'],
    ['a shorter dispute window', { ...ARENA, entry_fee: '10', dispute_window_hours: 1 }, 'invalid_request'],
    ['a dispute window of years', { ...ARENA, dispute_window_hours: 9_000 }, 'invalid_request'],
    ['somebody else as its owner', { ...ARENA, creator_id: 'u_somebody' }, 'forbidden'],
    ['a key with spaces', { ...ARENA, idempotency_key: 'a b' }, 'invalid_request'],
  ]
  for (const [name, body, answer] of bad) {
    it(`is not made of ${name}`, async () => expect(code(await as(ann, 'POST /api/lobbies', body))).to.equal(answer))
  }

  it('bad input of every route', async () => {
    const id = await open()
    const table: readonly (readonly [
      who: Guest | undefined,
      line: string,
      body: object | undefined,
      answer: string,
    ])[] = [
      [undefined, 'POST /api/lobbies', ARENA, 'unauthenticated'],
      [undefined, 'GET /api/lobbies?mine=true', undefined, 'unauthenticated'],
      [ben, 'GET /api/lobbies?game_mode=blitz', undefined, 'invalid_request'],
      [ben, 'GET /api/lobbies?status=gone', undefined, 'invalid_request'],
      [ben, 'GET /api/lobbies?region=%00', undefined, 'invalid_request'],
      [ben, 'GET /api/lobbies?limit=0', undefined, 'invalid_request'],
      [ben, 'GET /api/lobbies/l_nothere', undefined, 'lobby.unknown'],
      [ben, 'GET /api/lobbies/w_x', undefined, 'lobby.unknown'],
      [ben, 'GET /api/lobbies/l_%2e%2e', undefined, 'lobby.unknown'],
      [ben, 'POST /api/lobbies/l_nothere/join', {}, 'lobby.unknown'],
      [ben, `POST /api/lobbies/${id}/join`, { player_id: ann?.userId }, 'forbidden'],
      [ben, `POST /api/lobbies/${id}/join`, { player_id: 'u_nobodyhere' }, 'not_found'],
      [ben, `POST /api/lobbies/${id}/join`, { seat: 0 }, 'lobby.seat_taken'],
      [ben, `POST /api/lobbies/${id}/join`, { seat: 5 }, 'lobby.no_such_seat'],
      [ben, `POST /api/lobbies/${id}/join`, { seat: 1.5 }, 'invalid_request'],
      [ben, `PUT /api/lobbies/${id}/ready`, { is_ready: true }, 'lobby.not_seated'],
      [ben, `PUT /api/lobbies/${id}/ready`, { is_ready: 'yes' }, 'invalid_request'],
      [ben, `PUT /api/lobbies/${id}/ready`, { player_id: ann?.userId, is_ready: true }, 'forbidden'],
      [ben, `POST /api/lobbies/${id}/start`, {}, 'lobby.not_owner'],
      [ann, `POST /api/lobbies/${id}/start`, {}, 'lobby.not_full'],
      [ben, `DELETE /api/lobbies/${id}`, undefined, 'lobby.not_owner'],
      [ben, `DELETE /api/lobbies/${id}/leave`, undefined, '204'],
      [ann, `GET /api/lobbies/${id}/connection-info`, undefined, 'lobby.no_match'],
      [ben, `POST /api/lobbies/${id}/commitments/confirm`, {}, 'lobby.not_seated'],
      [ann, `POST /api/lobbies/${id}/join`, {}, '200'],
      [ben, `POST /api/lobbies/${id}/join`, {}, '200'],
      [cat, `POST /api/lobbies/${id}/join`, {}, 'lobby.full'],
      [ann, `DELETE /api/lobbies/${id}`, undefined, '204'],
      [cat, `POST /api/lobbies/${id}/join`, {}, 'lobby.over'],
    ]
    for (const [who, line, body, answer] of table) expect(code(await as(who, line, body)), line).to.equal(answer)
  })
})
