// What happens in matches of the simulator: made, staked by wallets of the traffic, played, left, reported, disputed and
// decided about, in waits of seconds, by what staff and players can see of a match in that moment.

import type { MatchCommand } from '../../actors/match/commands.ts'
import type { MatchView } from '../../actors/match/views.ts'
import type { WalletCommand } from '../../actors/wallet/commands.ts'
import type { UserId } from '../../shared/ids.ts'
import { MATCH_STEPS, type MatchStep, matchOrder } from '../match/orders.ts'
import { lesser } from './effects.ts'
import type { Prng } from './prng.ts'

/** Matches that somebody may still have to do with; of those that are over new ones take the place. */
const OPEN_AT_A_TIME = 2
const PLAYERS = 6
const USERS = Array.from({ length: PLAYERS }, (_, index) => `u_sim${String(index).padStart(2, '0')}` as UserId)
const STAFF = ['u_staff' as UserId, 'u_other' as UserId] as const
/** What the world does itself, or the rest of the traffic. */
const NOT_HERE: ReadonlySet<string> = new Set(['night', 'moment', 'crash', 'project', 'lossy', 'close', 'send'])
const STEPS = MATCH_STEPS.filter((what) => !NOT_HERE.has(what))
/** What an unverified owner may stake, mostly; four of the others are no more than one of staff decides about alone. */
const STAKES_MINOR = [500n, 500n, 500n, 2_400n]

type Creating = Extract<MatchCommand, { kind: 'create' }>

export interface MatchOrder {
  /** Actor key. */
  readonly actor: string
  readonly command: MatchCommand | WalletCommand
  /** A seat's own; null for any. */
  readonly key: string | null
}

export class MatchTraffic {
  private readonly prng: Prng
  private readonly sight: (actor: string) => MatchView | null
  private made = OPEN_AT_A_TIME
  private readonly specs = new Map<string, Creating>()
  private readonly open = Array.from({ length: OPEN_AT_A_TIME }, (_, index) => `m_sim${index}`)

  constructor(prng: Prng, sight: (actor: string) => MatchView | null) {
    this.prng = prng
    this.sight = sight
  }

  /** Null where there is nothing to do. */
  next(): MatchOrder | null {
    const { prng } = this
    const place = prng.between(0, OPEN_AT_A_TIME - 1)
    const id = this.open[place] ?? 'm_sim0'
    const view = this.sight(`match/${id}`)
    if (view === null) return null
    // One that is over is looked back at now and then, and at last left alone.
    const over = view.status === 'settled' || view.status === 'cancelled'
    if (over && view.unclaimed.length === 0 && prng.chance(0.3)) this.open[place] = `m_sim${this.made++}`
    const step: MatchStep = {
      ...{
        what: prng.chance(0.6) ? 'advance' : prng.pick(STEPS),
        match: 0,
        user: prng.between(0, PLAYERS - 1),
        other: prng.between(0, 4),
      },
      size: prng.between(0, 9_999),
    }
    const order = matchOrder(step, { id, users: USERS, staff: STAFF, view })
    if (order === null) return null
    const [{ kind, id: to }, command, key = null] = order
    return { actor: `${kind}/${to}`, command: command.kind === 'create' ? this.making(id, command) : command, key }
  }

  /** Mostly of the same, however often it is asked for. */
  private making(id: string, command: Creating): Creating {
    const known = this.specs.get(id)
    if (known !== undefined && this.prng.chance(0.9)) return known
    const made = hurried(command, this.prng)
    this.specs.set(id, made)
    return made
  }
}

/** By staff, of every match that has not come to its end: everything goes back. */
export function refundAll(match: MatchView | null): MatchCommand | null {
  if (match === null || match.status === 'absent' || match.status === 'settled' || match.status === 'cancelled')
    return null
  return { kind: 'rule', ruling: { kind: 'refund_all' }, by: STAFF[0], role: 'admin', reason: 'the end' }
}

/** Some in waits that run out, and some in such as do not. */
function hurried(command: Creating, prng: Prng): Creating {
  const { spec } = command
  const stakeMinor = lesser(spec.stakeMinor, prng.pick(STAKES_MINOR))
  const wait = (): number => prng.pick([1_500, 20_000, 20_000])
  const waits = { fundingMs: wait(), readyMs: wait(), maxLiveMs: wait() }
  return { kind: 'create', spec: { ...spec, stakeMinor, ...waits, disputeMs: prng.pick([0, 1_500, 20_000]) } }
}
