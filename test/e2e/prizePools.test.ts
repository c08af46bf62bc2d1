// Matches that are played elsewhere, over the real wires: staked, reported, disputed and decided about; signed by a game
// server; seen by those whose business it is; and read by the auditor in the end.

import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { evidenceNames } from '../../server/play/evidenceTexts.ts'
import { signedText } from '../../server/play/gameServers.ts'
import { call, type Guest, newGuest, newKey, type Reply } from '../support/http.ts'
import { runProgram, startTestServer, type TestServer } from '../support/server.ts'
import { newStaff, type Person } from '../support/staff.ts'
import { until } from '../support/until.ts'

describe('prize pools', () => {
  const keys = generateKeyPairSync('ed25519')
  const folder = mkdtempSync(join(tmpdir(), 'leet-servers-'))
  let server: TestServer
  let admin: Person
  let operator: Person

  before(async () => {
    const file = join(folder, 'servers')
    writeFileSync(file, `cs2-eu ${keys.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}\n`)
    server = await startTestServer({ RATE_LIMITS: 'off', GAME_SERVER_KEYS: file })
    admin = await newStaff(server, 'admin')
    operator = await newStaff(server, 'operator')
  })
  after(async () => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const as = (who: { readonly token: string }, line: string, body?: object): Promise<Reply> =>
    call(server.url, line, {
      token: who.token,
      ...(body === undefined ? {} : { body: { idempotency_key: newKey(), ...body } }),
    })
  const code = (reply: Reply): string => reply.body?.error?.code ?? 'ok'

  async function player(): Promise<Guest> {
    const guest = await newGuest(server.url)
    await as(guest, 'POST /wallet/deposit', { currency: 'USD', amount: '1000' })
    await as(admin, `PUT /admin/wallets/${guest.walletId}/kyc`, { level: 1 })
    return guest
  }

  /** Both have staked, and it is live: nobody arrives here. */
  async function staked(cents: number): Promise<{ readonly match: string; readonly players: readonly [Guest, Guest] }> {
    const players = [await player(), await player()] as const
    const [ann, bob] = players
    const lobby = { game_id: 'cs2', game_mode: 'duel', region: 'eu-west', max_players: 2, entry_fee_cents: cents }
    const opened = await as(ann, 'POST /api/lobbies', lobby)
    expect(opened.status, opened.text).to.be.oneOf([200, 201])
    const { id } = opened.body.lobby
    expect(code(await as(bob, `POST /api/lobbies/${id}/join`, { player_id: bob.userId }))).to.equal('ok')
    for (const { token, userId } of players)
      expect(code(await as({ token }, `PUT /api/lobbies/${id}/ready`, { player_id: userId, is_ready: true }))).to.equal(
        'ok',
      )
    const started = await as(ann, `POST /api/lobbies/${id}/start`, {})
    expect(started.body.match_id, started.text).to.be.a('string')
    const match: string = started.body.match_id
    // The lobby's record makes it, by an envelope.
    await until('the match', async () => (await as(ann, `GET /matches/${match}`)).status === 200)
    for (const guest of players) expect((await as(guest, `POST /matches/${match}/stake`, {})).status).to.equal(200)
    await until('live', async () =>
      (await as(players[0], `GET /matches/${match}`)).body.status === 'live' ? true : null,
    )
    return { match, players }
  }

  const results = (players: readonly Guest[], winner: number) =>
    players.map(({ userId }, index) => ({ player_id: userId, position: index === winner ? 1 : 2 }))
  const available = async (guest: Guest): Promise<string> => (await as(guest, 'GET /wallet/balance')).body.balances.USD

  it('players agree, one disputes, and two of staff decide', async () => {
    const { match, players } = await staked(60_00)
    const [ann, bob] = players
    expect(code(await as(ann, `POST /matches/${match}/decline`, {}))).to.equal('ok')
    // Who leaves a match of two that is played elsewhere has lost it.
    const pool = (await as(bob, `GET /matches/${match}/prize-pool`)).body
    expect(pool).to.deep.include({ status: 'in_escrow', total_amount: { cents: 12_000, dollars: 120 } })
    expect(pool.platform_fee).to.deep.equal({ cents: 300, dollars: 3 })
    expect(pool.projected_payouts[0].amount).to.deep.equal({ cents: 11_700, dollars: 117 })
    const raised = await as(ann, `POST /match-making/prize-pools/${match}/dispute`, { reason: 'my line broke' })
    expect(raised.status, raised.text).to.equal(201)
    expect(raised.body.evidence[0]).to.match(/^sha256:/)
    expect(code(await as(bob, 'POST /challenges', { match_id: match, player_id: ann.userId }))).to.equal('forbidden')
    const { challenge_id: challenge } = raised.body
    const text = 'their screen shows it'
    expect(code(await as(bob, `POST /challenges/${challenge}/evidence`, { evidence: [text] }))).to.equal('ok')
    const written = [
      { name: raised.body.evidence[0], player_id: ann.userId, text: 'my line broke' },
      { name: evidenceNames([text])[0], player_id: bob.userId, text },
    ]
    for (const [who, line] of [
      [bob, `GET /challenges/${challenge}/evidence`],
      [operator, `GET /admin/challenges/${challenge}/evidence`],
    ] as const)
      expect((await as(who, line)).body.evidence, line).to.deep.equal(written)
    const stranger = await newGuest(server.url)
    for (const path of ['/challenges', '/admin/challenges'])
      expect(code(await as(stranger, `GET ${path}/${challenge}/evidence`))).to.equal('forbidden')
    expect((await as(bob, `POST /challenges/${challenge}/vote`, { vote: 'reject' })).body.votes).to.have.length(1)
    const listed = await until('listed', async () => {
      const { body } = await as(operator, 'GET /admin/disputes')
      return body.total_count > 0 ? body : null
    })
    expect(listed.challenges[0].challenge_id).to.equal(challenge)
    expect((await as(bob, 'GET /challenges/pending')).body.challenges).to.have.length(1)
    const order = { resolution: 'refund_all', admin_notes: 'line broke' }
    expect(code(await as(bob, `POST /challenges/${challenge}/resolve`, order))).to.equal('forbidden')
    const proposed = await as(operator, `POST /challenges/${challenge}/resolve`, order)
    expect(proposed.body).to.include({ status: 'proposed' })
    const approve = `POST /admin/matches/${match}/rulings/${proposed.body.record}/approve`
    expect(code(await as(operator, approve, {}))).to.equal('match.four_eyes')
    expect((await as(admin, approve, {})).body).to.include({ status: 'decided' })
    for (const guest of players) await until('back', async () => ((await available(guest)) === '1000.00' ? true : null))
    const history = (await as(bob, `GET /prize-pools/${match}/history`)).body.history
    expect(history.map(({ event }: { event: string }) => event)).to.deep.equal([
      'created',
      'result',
      'disputed',
      'refund',
    ])
  })

  it('both report the same, and a small pool is paid at once', async () => {
    const { match, players } = await staked(5_00)
    const said = { match_id: match, results: results(players, 1) }
    expect((await as(players[0], 'POST /scores/match-results', said)).body).to.include({ status: 'submitted' })
    const agreed = await as(players[1], 'POST /scores/match-results', said)
    expect(agreed.body, agreed.text).to.include({ status: 'finalized', result_id: `${match}.1` })
    await until('paid', async () => (Number(await available(players[1])) > 995 ? true : null))
    const balance = (await as(players[1], 'GET /wallet/balance')).body
    const prize = (await as(players[1], `GET /prize-pools/${match}`)).body.payouts[0].amount.dollars
    expect(prize, 'the pool without the fee, with what the platform added').to.be.oneOf([9.5, 10])
    expect(Number(balance.total_prizes_won)).to.equal(prize)
    expect(Number(balance.balances.USD)).to.equal(995 + prize)
    const { body } = await as(players[1], 'GET /wallet/transactions')
    const types = body.transactions.map(({ type }: { type: string }) => type)
    expect(types).to.include.members(['prize_payout', 'entry_fee', 'deposit'])
    const pools = await until('listed', async () => {
      const found = (await as(players[1], 'GET /match-making/prize-pools?status=distributed')).body
      return found.total_count > 0 ? found : null
    })
    expect(pools.prize_pools.map(({ pool_id }: { pool_id: string }) => pool_id)).to.include(match)
    expect((await as(players[1], 'GET /match-making/prize-pools/stats')).body.by_status.distributed).to.be.above(0)
    expect((await as(operator, 'GET /admin/matches?status=settled')).body.matches).to.have.length.above(0)
  })

  it('a game server signs what it reports; a signature is of one body, and fresh', async () => {
    const { match, players } = await staked(10_00)
    const body = { match_id: match, results: results(players, 0), idempotency_key: newKey() }
    const signed = (time = Date.now(), nonce = newKey(), name = 'cs2-eu', over: object = body) => ({
      ...{ 'x-game-server': name, 'x-timestamp': `${time}`, 'x-nonce': nonce },
      'x-signature': sign(null, Buffer.from(signedText(name, `${time}`, nonce, over)), keys.privateKey).toString(
        'base64',
      ),
    })
    const report = (headers: Record<string, string>): Promise<Reply> =>
      call(server.url, 'POST /scores/match-results', { body, headers })
    expect(code(await report({}))).to.equal('unauthenticated')
    expect(code(await report(signed(Date.now() - 600_000)))).to.equal('unauthenticated')
    expect(code(await report(signed(Date.now(), newKey(), 'cs2-us')))).to.equal('unauthenticated')
    const other = { ...body, results: results(players, 1) }
    expect(code(await report(signed(Date.now(), newKey(), 'cs2-eu', other)))).to.equal('unauthenticated')
    const once = signed()
    const reply = await report(once)
    expect(reply.body, reply.text).to.deep.include({
      status: 'verified',
      submitted_by: { kind: 'server', id: 'cs2-eu' },
    })
    expect((await report(once)).status, 'the same call again is the same').to.equal(201)
    expect(code(await report(signed()))).to.equal('match.not_live')
    expect((await as(operator, `POST /admin/matches/${match}/settle`, { reason: 'clear' })).body.status).to.equal(
      'decided',
    )
    await until('paid', async () => Number(await available(players[0])) > 1_000)
  })

  it('nobody sees what is not there', async () => {
    const guest = await newGuest(server.url)
    for (const line of ['GET /matches/m_none', 'GET /prize-pools/m_none', 'GET /prize-pools/none/history'])
      expect(code(await as(guest, line)), line).to.equal('not_found')
    expect(code(await as(guest, 'GET /scores/match-results/by-match/m_none'))).to.equal('not_found')
    expect(code(await as(guest, 'GET /challenges/m_none.0-1'))).to.equal('not_found')
    expect(code(await as(guest, 'POST /match-making/prize-pools/m_none/refund', { reason: 'x' }))).to.equal('forbidden')
  })

  it('and the auditor finds nothing', async () => {
    await server.stop()
    const { code: exit, output } = await runProgram('server/verify.ts', '--data', server.dataDir)
    expect(exit, output).to.equal(0)
    await server.restart()
  })
})
