// From the queue to the payout, over the real wires: two players wait, are offered each other, stake, play, and one is paid.

import { expect } from 'chai'
import { call, type Guest, newGuest, newKey } from '../support/http.ts'
import { type Message, PlayClient } from '../support/playClient.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { newStaff } from '../support/staff.ts'
import { until } from '../support/until.ts'
import { WalletClient } from '../support/walletClient.ts'

describe('queue: to a match and its payout', () => {
  let server: TestServer
  const open: { leave(): Promise<unknown> }[] = []

  before(async () => {
    server = await startTestServer({ PUSH_INTERVAL_MS: '5' })
  })
  after(async () => {
    expect(await server.stop(), server.output).to.equal(0)
  })
  afterEach(async () => {
    await Promise.all(open.splice(0).map((client) => client.leave()))
  })

  function kept<Client extends { leave(): Promise<unknown> }>(client: Client): Client {
    open.push(client)
    return client
  }

  async function player(amount?: string): Promise<{ wallet: WalletClient; queue: PlayClient; guest: Guest }> {
    const wallet = kept(await WalletClient.join(server.url))
    if (amount !== undefined) await wallet.deposit(amount, newKey())
    return { wallet, queue: kept(await PlayClient.queue(server.url, wallet.guest)), guest: wallet.guest }
  }

  const wish = (fee: number, mode = 'bo3') => ({
    ...{ game: 'duel', mode, region: 'eu-west', entry_fee_cents: fee, key: newKey() },
  })
  const refusal = (attempt: Promise<unknown>): Promise<string> =>
    attempt.then(
      () => 'accepted',
      (error: { readonly reason?: { readonly code: string } }) => error.reason?.code ?? String(error),
    )
  const found = async (client: PlayClient): Promise<string> => String((await client.pushed('match_found')).match_id)

  it('a staked match: offered, accepted, played, paid, rated', async () => {
    const [ann, bob] = [await player('10.00'), await player('10.00')]
    expect(await ann.queue.request('join', wish(100))).to.include({ status: 'searching' })
    expect(await refusal(ann.queue.request('join', wish(100)))).to.include('queue.already_waiting')
    await bob.queue.request('join', wish(100))
    const match = await found(ann.queue)
    expect(await found(bob.queue)).to.equal(match)
    expect(await ann.queue.pushed('match_found')).to.include({ stake: '1.00', currency: 'USD', game: 'duel' })
    for (const { queue } of [ann, bob]) await queue.request('accept', { match })
    await Promise.all([ann, bob].map(({ queue }) => queue.pushed('ready_check')))
    expect((await ann.wallet.balance()).available).to.equal('9.00')
    const rooms = await Promise.all(
      [ann, bob].map(async ({ guest }) => kept(await PlayClient.match(server.url, guest, match))),
    )
    const [first, second] = rooms
    if (first === undefined || second === undefined) throw new Error('two rooms')
    await Promise.all(rooms.map((room) => room.pushed('view')))
    await second.request('surrender')
    const settled = (await first.pushed('settlement')) as Message & { readonly payouts: readonly Message[] }
    // The fee is capped at a fifth of the pool of 2.00, and the platform adds no more than it takes.
    expect(settled.payouts.map(({ amount }) => amount)).to.deep.equal(['2.00'])
    await until('the prize', async () => (await ann.wallet.balance()).available === '11.00')
    expect((await bob.wallet.balance()).available).to.equal('9.00')
    const ratings = async ({ guest }: { guest: Guest }) => {
      const { body } = await call(server.url, `GET /players/${guest.userId}/ratings`, { token: guest.token })
      return (body.ratings as readonly { readonly rating_key: string; readonly rating: number }[])[0]
    }
    await until('ratings', async () => ((await ratings(ann))?.rating ?? 0) > 1600)
    expect((await ratings(bob))?.rating).to.be.below(1400)
    // Free again: nothing holds them.
    await until('free again', async () => (await ann.queue.request('session')).status === 'none')
  })

  it('declined: whoever declined waits outside, the other waits on, and the stake is back', async () => {
    const [ann, bob] = [await player('10.00'), await player('10.00')]
    await ann.queue.request('join', wish(200))
    await bob.queue.request('join', wish(200))
    const match = await found(ann.queue)
    await found(bob.queue)
    await ann.queue.request('accept', { match })
    await until('the stake is out', async () => (await ann.wallet.balance()).available === '8.00')
    await bob.queue.request('decline', { match })
    await until('the stake is back', async () => (await ann.wallet.balance()).available === '10.00')
    await ann.queue.pushed('session', ({ status, match_id }) => status === 'searching' && match_id === null)
    await until('a penalty', async () =>
      (await refusal(bob.queue.request('join', wish(200)))).includes('queue.penalised'),
    )
    await ann.queue.request('leave')
    expect(await ann.queue.request('session')).to.include({ status: 'cancelled' })
  })

  it('without the money: accepting is refused, and may be tried again with it', async () => {
    const [ann, bob] = [await player('10.00'), await player()]
    await ann.queue.request('join', wish(500))
    await bob.queue.request('join', wish(500))
    const match = await found(bob.queue)
    expect(await refusal(bob.queue.request('accept', { match }))).to.include('wallet.insufficient_funds')
    await bob.wallet.deposit('5.00', newKey())
    await bob.queue.request('accept', { match })
    await ann.queue.request('accept', { match })
    await ann.queue.pushed('ready_check')
  })

  it('over HTTP: join, look, leave; others’ sessions are not theirs', async () => {
    const [ann, bob] = [await newGuest(server.url), await newGuest(server.url)]
    const body = {
      ...{
        game_id: 'arena',
        game_mode: '2v2',
        team_format: '2v2',
        region: 'na-east',
        tier: 'elite',
        player_mmr: 9_999,
      },
      ...{ entry_fee_cents: 0, idempotency_key: newKey(), max_ping: 80 },
    }
    const joined = await call(server.url, 'POST /match-making/queue', { token: ann.token, body })
    expect(joined.status).to.equal(201)
    expect(joined.body).to.include({ pool_id: 'arena.2v2.2v2.na-east.USD.0', status: 'searching', queue_position: 1 })
    const again = await call(server.url, 'POST /match-making/queue', { token: ann.token, body })
    expect(again.body.session_id).to.equal(joined.body.session_id)
    const session = `/match-making/session/${joined.body.session_id}`
    expect((await call(server.url, `GET ${session}`, { token: ann.token })).body.status).to.equal('searching')
    expect((await call(server.url, `GET ${session}`, { token: bob.token })).status).to.equal(403)
    expect((await call(server.url, 'GET /match-making/session/u_nobody00.1-1', { token: bob.token })).status).to.equal(
      404,
    )
    expect((await call(server.url, 'GET /match-making/session/x', { token: bob.token })).status).to.equal(404)
    const pools = await call(server.url, 'GET /match-making/pools/arena?region=na-east')
    expect(pools.body.pools).to.deep.include({
      ...{ pool_id: 'arena.2v2.2v2.na-east.USD.0', waiting: 1, proposed: 0, matches_made: 0 },
      ...{ by_tier: { free: 1, premium: 0, pro: 0, elite: 0 }, estimated_wait_seconds: null, mean_rating: 1500 },
    })
    const left = `/match-making/queue/${joined.body.session_id}`
    expect((await call(server.url, `DELETE ${left}`, { token: bob.token })).status).to.equal(403)
    expect((await call(server.url, `DELETE ${left}`, { token: ann.token })).status).to.equal(204)
    expect((await call(server.url, `DELETE ${left}`, { token: ann.token })).status).to.equal(404)
    expect((await call(server.url, `GET ${session}`, { token: ann.token })).body.status).to.equal('cancelled')
  })

  it('staff sees a player, sets the tier that fees default to, and pardons; an auditor only looks', async () => {
    const [operator, auditor] = [await newStaff(server, 'operator'), await newStaff(server, 'auditor')]
    const guest = await newGuest(server.url)
    const path = `/admin/players/${guest.userId}`
    const seen = await call(server.url, `GET ${path}`, { token: auditor.token })
    expect(seen.body).to.deep.equal({
      ...{ user_id: guest.userId, tier: 'free', engaged_in: null, penalty_until: null, faults: 0, ratings: [] },
    })
    const body = { tier: 'pro' }
    expect((await call(server.url, `PUT ${path}/tier`, { token: auditor.token, body })).status).to.equal(403)
    expect((await call(server.url, `PUT ${path}/tier`, { token: guest.token, body })).status).to.equal(403)
    expect((await call(server.url, `PUT ${path}/tier`, { token: operator.token, body })).body.tier).to.equal('pro')
    expect((await call(server.url, `POST ${path}/pardon`, { token: operator.token })).status).to.equal(200)
    expect((await call(server.url, 'GET /admin/players/u_nobody00', { token: auditor.token })).status).to.equal(404)
    const wish = { game_id: 'duel', game_mode: 'bo3', region: 'na-west', idempotency_key: newKey() }
    const joined = await call(server.url, 'POST /match-making/queue', { token: guest.token, body: wish })
    expect(joined.body.pool_id).to.equal('duel.bo3.1v1.na-west.USD.200')
  })

  for (const [what, change, code] of [
    ['a region that is none', { region: 'moon' }, 'invalid_request'],
    ['a game that is none', { game_id: 'chess' }, 'queue.unknown_pool'],
    ['a fee that is none', { entry_fee_cents: 123 }, 'queue.unknown_pool'],
    ['a slow connection', { ping: 151 }, 'queue.ping_too_high'],
    ['somebody else', { player_id: 'u_somebody' }, 'not_found'],
    ['a party larger than a team', { squad_id: 'x' }, 'queue.party_too_large'],
    [
      'a party that nobody leads',
      { squad_id: 'red', game_id: 'arena', game_mode: '2v2', team_format: '2v2' },
      'queue.party_wrong',
    ],
  ] as const) {
    it(`over HTTP: refuses ${what}`, async () => {
      const guest = await newGuest(server.url)
      const body = {
        ...{ game_id: 'duel', game_mode: 'bo3', region: 'eu-west', entry_fee_cents: 0, idempotency_key: newKey() },
        ...change,
      }
      const answer = await call(server.url, 'POST /match-making/queue', { token: guest.token, body })
      expect((answer.body.error as { readonly code: string }).code).to.equal(code)
    })
  }
})
