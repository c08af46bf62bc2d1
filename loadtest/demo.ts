// `npm run demo`: fifty players and some matches with a stake, a server that is killed in the middle, and a ledger that
// shows nothing of it. Exit 1 if a command was lost or carried out twice, a match was not paid to the cent, or the audit
// does not pass.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { signInAll } from './client/guests.ts'
import { HttpClient } from './client/httpClient.ts'
import { allConfirmed, checkHistories, heldByWallets } from './demo/ledgerCheck.ts'
import { beginMatches, findMatches, untilLive } from './demo/matches.ts'
import { plan } from './demo/plan.ts'
import { Player, pause } from './demo/player.ts'
import { Progress } from './demo/progress.ts'
import { type Crash, report } from './demo/report.ts'
import { ROOT, type RunningServer, restartablePort, runScript, startServer } from './server.ts'

const PLAYERS = 50
const TRANSFERS_EACH = 200
const BURST = 10
const BURST_PAUSE_MS = 250
/** Share of the commands answered when the server is killed. */
const KILL_AT = 0.45
const KILL_BY = 0.55
const AUDIT_TIMEOUT_MS = 60_000
const FINISH_WITHIN_MS = 120_000

async function main(dataDir: string): Promise<boolean> {
  console.log(`LeetGaming realtime: ${PLAYERS} players, and a server killed in their midst`)
  const first = await startServer({ dataDir, env: { PORT: String(await restartablePort()) } })
  const http = new HttpClient(first.url, 16)
  const matches = await beginMatches(http, first.url)
  const players = (await signInAll(http, PLAYERS, 16)).map((guest) => new Player(first.url, guest))
  plan(players, TRANSFERS_EACH)
  const progress = new Progress(PLAYERS * (players[0]?.commands.length ?? 0))
  let answered = 0
  for (const player of players) player.onAnswer = () => progress.step(++answered)
  await Promise.all(players.map((player) => player.join()))
  progress.say('others queue for matches with a stake')
  await untilLive(matches)
  progress.say(`${PLAYERS} players deposit, and send each other money in bursts of ${BURST}`)
  const playing = Promise.all(players.map((player) => player.play(BURST, BURST_PAUSE_MS)))
  const crashing = killAndRestart(first, dataDir, players, progress, () => answered)
  const [{ crash, server }] = await within(FINISH_WITHIN_MS, Promise.all([crashing, playing]))
  progress.say('every command is answered: waiting until the matches are over')
  await within(FINISH_WITHIN_MS, matches.played)
  const found = await findMatches(http, matches)
  progress.say('waiting until every transfer is confirmed')
  const confirmed = await allConfirmed(http, players)
  progress.say('reading every history and balance')
  const check = await checkHistories(http, players)
  const held = await heldByWallets(http, players)
  progress.say('stopping the server, auditing the ledger')
  await Promise.all(players.map((player) => player.leave()))
  http.close()
  const stopCode = await server.stop()
  const audit = await runScript('server/verify.ts', ['--data', dataDir, '--json'], AUDIT_TIMEOUT_MS)
  const replays = await runScript('server/replay.ts', ['verify', 'all', '--data', dataDir], AUDIT_TIMEOUT_MS)
  progress.end()
  const verdict = {
    auditCode: audit.code,
    replays: { code: replays.code, said: replays.output.trim().split('\n').at(-1) ?? '' },
    audit: parsed(audit.output),
    stopCode,
    allConfirmed: confirmed,
  }
  const firstAnswerMs = firstAnswerAfter(players, server.spawnedAtMs)
  const { table, problems } = report({
    players,
    check,
    held,
    matches: found,
    crash: { ...crash, readyAfterMs: server.readyAfterMs, firstAnswerAfterMs: firstAnswerMs },
    verdict,
  })
  console.log(`\n${table}\n`)
  if (audit.code !== 0) console.error(audit.output)
  if (replays.code !== 0) console.error(replays.output)
  for (const problem of problems) console.error(`FAILED: ${problem}`)
  return problems.length === 0
}

/** SIGKILL once enough is answered and something is on the wire, then the same server over the same data and port. */
async function killAndRestart(
  server: RunningServer,
  dataDir: string,
  players: readonly Player[],
  progress: Progress,
  answered: () => number,
): Promise<{ readonly crash: Pick<Crash, 'atMs' | 'atWallMs' | 'unanswered'>; readonly server: RunningServer }> {
  const commands = players.flatMap((player) => player.commands)
  const inFlight = (): number => players.reduce((sum, player) => sum + player.inFlight, 0)
  while (answered() < commands.length * KILL_AT) await pause(1)
  // In the middle of a burst of several players; they fall together often enough.
  while (answered() < commands.length * KILL_BY && inFlight() < 3 * BURST) await pause(0)
  // Far enough for some to be durable and not answered yet.
  await pause(2)
  const unanswered = commands.filter(({ outcome, sends }) => outcome === null && sends > 0)
  const killed = server.kill()
  const crash = { atMs: performance.now(), atWallMs: Date.now(), unanswered }
  progress.say(`SIGKILL with ${unanswered.length} commands on the wire; starting again`)
  await killed
  const again = await startServer({ dataDir, env: { PORT: new URL(server.url).port } })
  progress.say('the server is back: players join, and send again what had no answer')
  return { crash, server: again }
}

function firstAnswerAfter(players: readonly Player[], spawnedAtMs: number): number {
  let first = Number.POSITIVE_INFINITY
  for (const { commands } of players) {
    for (const { outcome } of commands) {
      if (outcome?.kind === 'accepted' && outcome.atMs > spawnedAtMs) first = Math.min(first, outcome.atMs)
    }
  }
  return first - spawnedAtMs
}

function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error(`the players did not finish within ${ms / 1000} s`)), ms).unref()
  })
  return Promise.race([work, late])
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

try {
  parseArgs({ options: {} })
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\nusage: npm run demo (it takes no arguments)`)
  process.exit(2)
}
const scratch = join(ROOT, 'tmp')
mkdirSync(scratch, { recursive: true })
const dataDir = mkdtempSync(join(scratch, 'demo-'))
let passed = false
try {
  passed = await main(dataDir)
} catch (error) {
  console.error(error)
}
if (passed) rmSync(dataDir, { recursive: true, force: true })
else console.error(`The data folder is kept: ${dataDir}`)
process.exit(passed ? 0 : 1)
