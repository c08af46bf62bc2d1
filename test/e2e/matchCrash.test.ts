// A server dies, or is stopped, while matches are live: the next start takes them up where they were, players come back,
// and who wins is paid, once.

import { expect } from 'chai'
import { ControlClient } from '../../loadtest/match/controlClient.ts'
import { call, type Guest, newGuest, newKey } from '../support/http.ts'
import { MatchClient } from '../support/matchClient.ts'
import { runProgram, startTestServer, type TestServer } from '../support/server.ts'
import { until } from '../support/until.ts'
import { WalletClient } from '../support/walletClient.ts'

const PROGRAM = { program: 'loadtest/match/matchServer.ts' }
/** What may be lost of a match at a crash, in ticks of the duel: two seconds. */
const LOST_AT_MOST = 20

describe('a server that ends while a match is live', () => {
  let server: TestServer
  let control: ControlClient

  beforeEach(async () => {
    server = await startTestServer({}, PROGRAM)
    control = new ControlClient(server.dataDir)
  })
  afterEach(async () => {
    expect(await server.stop(), server.output).to.equal(0)
    const verified = await runProgram('server/verify.ts', '--data', server.dataDir)
    expect(verified.code, verified.output).to.equal(0)
  })

  async function players(): Promise<readonly [Guest, Guest]> {
    const both = [await newGuest(server.url), await newGuest(server.url)] as const
    for (const player of both) {
      const wallet = await WalletClient.join(server.url, player)
      await wallet.deposit('5.00', newKey())
      await wallet.leave()
    }
    return both
  }

  const balanceOf = async ({ token }: Guest): Promise<string> => {
    const { body } = await call(server.url, 'GET /wallet/balance', { token })
    return body.balances.USD
  }

  async function round(anna: MatchClient, bert: MatchClient, number: number): Promise<void> {
    await anna.pushed('view', ({ v }) => v.round === number && v.phase === 'choose')
    anna.input('fire')
    bert.input('ice')
    await anna.pushed('view', ({ v }) => v.wins[0] === number)
  }

  for (const [how, lost] of [
    ['killed', LOST_AT_MOST],
    ['stopped', 0],
  ] as const) {
    it(`${how}: the match goes on, ${lost === 0 ? 'nothing of it is lost' : 'at most two seconds of it are lost'}, the winner is paid`, async () => {
      const both = await players()
      const match = await control.ready({
        users: both.map(({ userId }) => userId),
        spec: { stakeMinor: 500n, mode: 'bo5' },
      })
      const before = await Promise.all(both.map((player) => MatchClient.joinSoon(server.url, player, match)))
      const [anna, bert] = before
      if (anna === undefined || bert === undefined) throw new Error('two')
      await round(anna, bert, 1)
      const shown = anna.last('view').t + 3 * LOST_AT_MOST
      await anna.pushed('view', ({ t }) => t >= shown)
      if (how === 'killed') await server.kill()
      else await server.stop()
      await Promise.all(before.map((client) => client.gone()))
      const seen = anna.last('view').t
      await server.restart()
      const again = await Promise.all(both.map((player) => MatchClient.joinSoon(server.url, player, match)))
      const [annaAgain, bertAgain] = again
      if (annaAgain === undefined || bertAgain === undefined) throw new Error('two')
      const first = await annaAgain.pushed('view')
      expect(first.v.wins, 'the first round stands').to.deep.equal([1, 0])
      const { resumes } = await control.match(match)
      expect(resumes).to.have.length(1)
      const [resume] = resumes
      expect(resume?.tick ?? 0).to.be.within(seen - lost, seen)
      for (const number of [2, 3]) await round(annaAgain, bertAgain, number)
      await annaAgain.pushed('result')
      const { score, settlement } = await control.match(match)
      expect([score?.by.kind, settlement?.how]).to.deep.equal(['loop', 'result'])
      expect(score?.recording, 'the recording is whole').to.match(/^[0-9a-f]{64}$/)
      await until('it is paid', async () => (await balanceOf(both[0])) === '9.50')
      expect(await balanceOf(both[1])).to.be.oneOf([undefined, '0.00'])
      await Promise.all(again.map((client) => client.leave()))
    })
  }

  it('killed when it was over: whoever played it hears how it ended, and nobody else', async () => {
    const both = await players()
    const match = await control.ready({ users: both.map(({ userId }) => userId), spec: { stakeMinor: 500n } })
    const [anna, bert] = await Promise.all(both.map((player) => MatchClient.joinSoon(server.url, player, match)))
    if (anna === undefined || bert === undefined) throw new Error('two')
    // Bert is gone before the news comes.
    await round(anna, bert, 1)
    await bert.drop()
    await anna.room.request('surrender')
    await anna.pushed('settlement')
    await server.kill()
    await anna.gone()
    await server.restart()
    for (const player of both) {
      const again = await MatchClient.joinSoon(server.url, player, match)
      expect((await again.pushed('result')).results).to.have.length(2)
      expect(await again.pushed('settlement')).to.deep.equal({ payouts: [{ seat: 1, amount: '9.50' }], rake: '0.50' })
      await again.leave()
    }
    const stranger = await newGuest(server.url)
    const refused = await MatchClient.join(server.url, stranger, match).catch((error: unknown) => String(error))
    expect(refused).to.include('forbidden')
  })
})
