// Makes matches on a server that runs as matchServer.ts, and asks how they stand.

import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MatchSpec } from '../../actors/match/spec.ts'
import type { MatchView } from '../../actors/match/views.ts'
import { type UserId, walletOf } from '../../shared/ids.ts'

export interface MatchOf {
  /** A seat for each; null: a bot's. */
  readonly users: readonly (string | null)[]
  readonly spec?: Partial<Omit<MatchSpec, 'seats'>>
  /** Of each seat; each its own where it is not given. */
  readonly teams?: readonly number[]
}

export class ControlClient {
  private readonly dataDir: string

  constructor(dataDir: string) {
    this.dataDir = dataDir
  }

  async ask(kind: string, id: string, command: unknown, key = ''): Promise<void> {
    const answer = await this.post('/ask', { kind, id, command, key })
    if (answer.kind !== 'done') throw new Error(`${kind}/${id}: ${JSON.stringify(answer)}`)
  }

  async match(id: string): Promise<MatchView> {
    const answer = await this.post('/read', { kind: 'match', id, command: { kind: 'state' } })
    if (answer.kind !== 'view') throw new Error(`match/${id}: ${JSON.stringify(answer)}`)
    return answer.view as MatchView // of the kind's view; amounts are texts
  }

  /** Made, and accepted or staked by everybody: the players may come. Answers its id. */
  async ready({ users: names, spec = {}, teams }: MatchOf): Promise<string> {
    const users = names as readonly (UserId | null)[] // as the server gave them
    const id = `m_${randomBytes(12).toString('base64url')}`
    const whole: MatchSpec = {
      ...{ game: 'duel', mode: 'bo3', map: null, region: 'eu-west', source: null, asset: 'USD', stakeMinor: 0n },
      ...{ tier: 'free', prizeRule: 'winner_takes_all', contributionMinor: 0n, fundingMs: 60_000, readyMs: 60_000 },
      ...{ maxLiveMs: 3_600_000, disputeMs: 0, watchDelayMs: 0, ratingKey: null, external: false },
      ...spec,
      seats: users.map((user, seat) => ({ user, team: teams?.[seat] ?? seat, rating: 1_500, deviation: 350 })),
    }
    await this.ask('match', id, { kind: 'create', spec: whole })
    await Promise.all(
      users.map(async (user, seat) => {
        if (user === null) return
        if (whole.stakeMinor === 0n) return this.ask('match', id, { kind: 'accept', user })
        const { asset, stakeMinor: amountMinor } = whole
        await this.ask(
          'wallet',
          walletOf(user),
          { kind: 'stake', match: id, seat, asset, amountMinor },
          `stake:${id}:${seat}`,
        )
      }),
    )
    return id
  }

  // biome-ignore lint/suspicious/noExplicitAny: an answer of the runtime, looked into by the two callers above
  private async post(path: string, body: unknown): Promise<any> {
    const { port } = JSON.parse(readFileSync(join(this.dataDir, 'control.json'), 'utf8'))
    const text = JSON.stringify(body, (_name, value) => (typeof value === 'bigint' ? value.toString() : value))
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: text })
    if (!response.ok) throw new Error(await response.text())
    return response.json()
  }
}
