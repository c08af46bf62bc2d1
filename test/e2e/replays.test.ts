// Replays over HTTP and in their room: who may see them, what they show, and that what they show is what was played.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { ControlClient } from '../../loadtest/match/controlClient.ts'
import { call, type Guest, newGuest } from '../support/http.ts'
import { MatchClient } from '../support/matchClient.ts'
import { runProgram, startTestServer, type TestServer } from '../support/server.ts'
import { until } from '../support/until.ts'
import { sdk } from '../support/walletClient.ts'

describe('replays', () => {
  let server: TestServer
  let players: readonly Guest[]
  let match: string
  let eve: Guest

  before(async () => {
    server = await startTestServer({}, { program: 'loadtest/match/matchServer.ts' })
    const control = new ControlClient(server.dataDir)
    players = await Promise.all([newGuest(server.url), newGuest(server.url)])
    eve = await newGuest(server.url)
    const users = players.map(({ userId }) => userId)
    match = await control.ready({ users, spec: { game: 'arena', mode: 'ffa' } })
    const joined = await Promise.all(players.map((player) => MatchClient.joinSoon(server.url, player, match)))
    const [anna, bert] = joined
    await anna?.pushed('view', ({ t }) => t >= 60)
    anna?.input([1, 0, 0, 1])
    await anna?.pushed('view', ({ t }) => t >= 80)
    await bert?.room.request('surrender')
    await until('it is over', async () => (await control.match(match)).score !== null)
    await Promise.all(joined.map((client) => client.leave()))
  })
  after(async () => {
    expect(await server.stop(), server.output).to.equal(0)
  })

  const get = (path: string, token?: string) => call(server.url, `GET ${path}`, token === undefined ? {} : { token })
  const [anna] = [() => players[0]?.token ?? '']

  it('one that is over is ready, for who played and for who is signed in', async () => {
    for (const token of [anna(), eve.token]) {
      const { status, body } = await get(`/games/arena/replays/${match}`, token)
      expect([status, body.status, body.players.length]).to.deep.equal([200, 'ready', 2])
    }
    expect((await get(`/games/arena/replays/${match}`)).status).to.equal(401)
    expect((await get(`/games/duel/replays/${match}`, anna())).status).to.equal(404)
    expect((await get('/games/arena/replays/m_nosuchmatch', anna())).status).to.equal(404)
    expect((await get(`/games/arena/replays/${match}/status`, anna())).body.status).to.equal('ready')
  })

  it('those of a game are listed, of everybody or of one player', async () => {
    const list = async (query: string) => (await get(`/games/arena/replays${query}`, eve.token)).body
    const found = await until('it is listed', async () => {
      const page = await list(`?player=${players[0]?.userId}`)
      return page.total_count === 1 ? page : null
    })
    expect(found.replays[0]).to.deep.include({ id: match, status: 'ready' })
    expect((await list(`?player=${eve.userId}`)).replays).to.deep.equal([])
    expect((await list('?limit=1')).replays).to.have.length(1)
    expect((await get('/games/duel/replays', eve.token)).body.total_count).to.equal(0)
  })

  it('the match says how it went and was like', async () => {
    const base = `/games/arena/matches/${match}`
    const { body } = await get(base, anna())
    expect(body.result.results).to.have.length(2)
    const scoreboard = await get(`${base}/scoreboard`, anna())
    expect(scoreboard.body.scoreboard.map((row: { seat: number }) => row.seat)).to.have.members([0, 1])
    const events = await get(`${base}/events?kind=shot&limit=5`, anna())
    expect(events.body.events.every((event: { kind: string }) => event.kind === 'shot')).to.equal(true)
    const trajectory = await get(`${base}/trajectory?seat=0`, anna())
    expect(trajectory.body.trajectories[0].points.length).to.be.greaterThan(6)
    const heat = await get(`${base}/heatmap?columns=10`, anna())
    expect(heat.body.counts).to.have.length(heat.body.columns * heat.body.rows)
    const positioning = await get(`${base}/positioning-stats`, anna())
    expect(positioning.body.positioning[0]).to.include.keys('seat', 'distance_per_second')
    expect((await get(`${base}/heatmap?columns=0`, anna())).status).to.equal(400)
  })

  it('the recording is downloaded as it was written', async () => {
    const response = await fetch(`${server.url}/games/arena/replays/${match}/download`, {
      headers: { authorization: `Bearer ${anna()}` },
    })
    const bytes = new Uint8Array(await response.arrayBuffer())
    const { body } = await get(`/games/arena/replays/${match}`, anna())
    const digest = Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex')
    expect(digest).to.equal(body.recording_sha256)
  })

  it('a share token shows the replay to whoever has it, until it is taken back', async () => {
    const made = await call(server.url, 'POST /share-tokens', { token: anna(), body: { match_id: match } })
    expect(made.status).to.equal(201)
    const path = `/games/arena/replays/${match}?share_token=${made.body.token}`
    expect((await get(path)).status).to.equal(200)
    expect((await get(`${path}x`)).status).to.equal(404)
    const listed = await get('/share-tokens', anna())
    expect(listed.body.share_tokens.map((share: { id: string }) => share.id)).to.deep.equal([made.body.id])
    expect(listed.text).to.not.include(made.body.token)
    const taking = (token: string) => call(server.url, `DELETE /share-tokens?id=${made.body.id}`, { token })
    expect((await taking(eve.token)).status).to.equal(404)
    expect((await taking(anna())).status).to.equal(204)
    expect((await get(path)).status).to.equal(404)
  })

  it('is played in its room: from the start, faster, and from any tick', async () => {
    const room = await sdk(server.url, eve.token).joinOrCreate('replay', { matchId: match })
    const views: { t: number; v: unknown }[] = []
    let about: { ticks: number } | null = null
    room.onMessage('replay', (message) => {
      about = message
    })
    room.onMessage('view', (message) => views.push(message))
    const ticks = await until('the replay', () => about?.ticks ?? null)
    await until('it begins', () => views.length > 3)
    expect(views[0]?.t).to.be.lessThan(10)
    await room.request('speed', { speed: 0 })
    await room.request('seek', { tick: 61 })
    const at = await until('the place', () => views.find(({ t }) => t === 61) ?? null)
    await room.request('seek', { tick: ticks })
    await until('the end', () => views.at(-1)?.t === ticks)
    await room.request('seek', { tick: 61 })
    const again = await until(
      'the same place',
      () => views.findLast(({ t }) => t === 61 && views.at(-1)?.t === 61) ?? null,
    )
    expect(again.v).to.deep.equal(at.v)
    expect(await room.request('speed', { speed: 3 }).catch(() => 'refused')).to.equal('refused')
    await room.leave()
  })

  it('the command line plays it again to the same outcome, beside the server; another recording is found out', async () => {
    const verify = (what: string) => runProgram('server/replay.ts', 'verify', what, '--data', server.dataDir)
    const verified = await verify('all')
    expect([verified.code, verified.output]).to.deep.equal([0, verified.output])
    expect(verified.output).to.include(`${match}: the same outcome after`)
    const folder = join(server.dataDir, 'blobs', 'recordings', match)
    const [name = ''] = readdirSync(folder)
    const file = join(folder, name)
    const bytes = readFileSync(file)
    writeFileSync(file, Buffer.concat([bytes, Buffer.from([0])]))
    const differs = await verify(match)
    writeFileSync(file, bytes)
    expect([differs.code, differs.output.includes('DIFFERS')]).to.deep.equal([1, true])
    expect((await verify('m_nosuchmatch')).code).to.equal(2)
  })

  it('a match that is not over has no replay', async () => {
    const control = new ControlClient(server.dataDir)
    const live = await control.ready({ users: players.map(({ userId }) => userId) })
    const joined = await Promise.all(players.map((player) => MatchClient.joinSoon(server.url, player, live)))
    await joined[0]?.pushed('view')
    expect((await get(`/games/duel/replays/${live}`, anna())).body.status).to.equal('recording')
    for (const what of ['matches', 'replays'] as const) {
      const path = what === 'matches' ? `${live}/events` : `${live}/download`
      expect((await get(`/games/duel/${what}/${path}`, anna())).body.error.code).to.equal('replay.not_ready')
    }
    await joined[0]?.room.request('surrender')
    await joined[1]?.pushed('result')
    await Promise.all(joined.map((client) => client.leave()))
  })
})
