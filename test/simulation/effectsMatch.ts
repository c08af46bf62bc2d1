// What a match's records must say, stated apart from its `decide`: what it says of its money is what its accounts have, a
// refusal changes nothing, and its commands move money only where they end it. How much goes to whom the auditor knows.

import type { MatchCommand } from '../../actors/match/commands.ts'
import type { MatchView } from '../../actors/match/views.ts'
import type { DurableRecord, Moment } from './model.ts'

/** Commands after which a match may be over, or send again what came back. */
const MAY_PAY: ReadonlySet<MatchCommand['kind']> = new Set([
  ...([
    'decline',
    'leave',
    'arrive',
    'finish',
    'abort',
    'report',
    'score',
    'rule',
    'ruling',
    'withdraw',
    'pay',
  ] as const),
])

/** Null where the record can be an outcome of the command; else what is wrong. */
export function matchMismatch(command: MatchCommand, { record, after }: DurableRecord): string | null {
  if (record.outcome.kind === 'parked') return 'a command is parked'
  if (record.outcome.kind === 'refused') {
    const empty = record.entries.length + record.events.length + record.outbox.length + record.timers.length === 0
    const own = String(record.outcome.code).startsWith('match.')
    return empty && own ? null : `refused with ${record.outcome.code}, and changes something`
  }
  const status = viewOf(after)?.status ?? 'absent'
  const ended = status === 'settled' || status === 'cancelled'
  if (record.entries.length === 0) return null
  if (!MAY_PAY.has(command.kind)) return `${command.kind} moved money`
  return ended || command.kind === 'pay' ? null : `${command.kind} moved money, and the match is ${status}`
}

/** A refusal for what the command is: it leaves no record, and its key stays free. */
export function matchInputRefusal(code: string): boolean {
  return ['match.spec_invalid', 'match.outcome_invalid', 'match.split_wrong', 'match.ruling_too_large'].includes(code)
}

/** A3, M10: what a match says it has is what its accounts have; once it is over its escrow is empty. */
export function matchPictureDiffers(moment: Moment, id: string): string | null {
  const match = viewOf(moment)
  if (match === null || match.spec === null)
    return moment.balances === '' ? null : `nobody made it, it has ${moment.balances}`
  const { asset } = match.spec
  const over = match.status === 'settled' || match.status === 'cancelled'
  const staked = over ? 0n : match.seats.reduce((sum, { stakedMinor }) => sum + stakedMinor, 0n)
  const back = match.unclaimed.reduce((sum, { amountMinor }) => sum + amountMinor, 0n)
  const rows = [
    ...(staked === 0n ? [] : [`2002:${id}/${asset}=${staked}`]),
    ...(back === 0n ? [] : [`2007:${id}/${asset}=${back}`]),
  ]
  const state = rows.join(' ')
  return state === moment.balances ? null : `state says ${state}, entries ${moment.balances}`
}

/** Null for what is no match. */
function viewOf({ other }: Moment): MatchView | null {
  return typeof other === 'object' && other !== null && 'seats' in other ? (other as MatchView) : null
}
