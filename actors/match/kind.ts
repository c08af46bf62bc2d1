// The match as a kind of actor: its decisions and folds, what its commands are called, and what envelopes and timers mean
// to it.

import type { RecordId, UserId } from '../../shared/ids.ts'
import { type ActorKind, type Incoming, RETURN_ENVELOPE, type RecordFate } from '../runtime/actor.ts'
import type { MatchCommand, Wait } from './commands.ts'
import { decide } from './decide.ts'
import { decodeEvent, encodeEvent } from './eventCodec.ts'
import type { MatchEvent } from './events.ts'
import { evolve } from './evolve.ts'
import { listing } from './listing.ts'
import { encodeRuling } from './outcomeCodec.ts'
import { outcomeText } from './outcomes.ts'
import { decodeSpec, encodeSpec } from './spec.ts'
import { type Match, newMatch } from './state.ts'
import { decodeState, encodeState } from './stateCodec.ts'
import { view } from './view.ts'
import type { MatchQuery, MatchView, PoolView } from './views.ts'

export const MATCH_KIND = 'match'

export const matchKind: ActorKind<Match, MatchCommand, MatchEvent, MatchQuery, MatchView | PoolView> = {
  kind: MATCH_KIND,
  initial: newMatch,
  decide,
  evolve,
  view,
  commandName: (command) => command.kind,
  commandText,
  incoming,
  encodeEvent,
  decodeEvent,
  encodeState,
  decodeState,
  fateOf,
  listing,
  listingVersion: 2,
}

// M9: a payout that came back has failed.
function fateOf(event: MatchEvent): RecordFate | null {
  return event.kind === 'unclaimed' ? { record: event.original, fate: 'failed' } : null
}

/** What the caller said: who they are is in the key. */
function commandText(command: MatchCommand): string {
  switch (command.kind) {
    case 'create':
      return JSON.stringify(['create', encodeSpec(command.spec)])
    case 'accept':
    case 'decline':
    case 'leave':
    case 'arrive':
      return JSON.stringify([command.kind, command.user])
    case 'resume':
      return JSON.stringify(['resume', command.epoch, command.tick])
    case 'finish':
      return JSON.stringify(['finish', command.hash])
    case 'abort':
      return JSON.stringify(['abort', command.reason])
    case 'report':
      return JSON.stringify(['report', command.by.kind, outcomeText(command.outcome)])
    case 'score':
      return JSON.stringify(['score', command.step, command.note])
    case 'conciliate':
      return JSON.stringify(['conciliate', outcomeText(command.outcome), command.note])
    case 'dispute':
      // Names of evidence are made anew for each call.
      return JSON.stringify(['dispute', command.type, command.ticks])
    case 'evidence':
    case 'withdraw':
      return JSON.stringify([command.kind, command.id])
    case 'vote':
      return JSON.stringify(['vote', command.id, command.verdict])
    case 'rule':
      return JSON.stringify(['rule', encodeRuling(command.ruling), command.reason])
    case 'ruling':
      return JSON.stringify(['ruling', command.id, command.verdict, command.note])
    case 'pay':
      return JSON.stringify(['pay', command.id, command.to, command.reason])
    case 'lock':
    case 'stake':
    case 'due':
    case 'returned':
      return JSON.stringify([command.kind])
    default:
      return command satisfies never
  }
}

const WAITS: readonly string[] = ['funding', 'ready', 'live', 'dispute'] satisfies Wait[]

function incoming({ via, name, money, body, from, recordId }: Incoming): MatchCommand {
  if (via === 'timer') {
    if (!WAITS.includes(name) || typeof body !== 'number') throw new Error(`a match has no timer ${name}`)
    return { kind: 'due', wait: name as Wait, dueMs: body } // one of WAITS
  }
  if (recordId === null) throw new Error(`envelope ${name} has no record`)
  switch (name) {
    case 'create':
      if (money !== null) throw new Error('a match is not made with money')
      return { kind: 'create', spec: decodeSpec(body) }
    case 'stake': {
      if (money === null) throw new Error('a stake comes with money')
      const { seat } = body as { readonly seat: number } // written by the wallet
      return { kind: 'stake', ...money, seat, from, record: recordId }
    }
    case 'decline':
      // Of the player's own actor, which writes this where a queue found a match for them after they had left.
      return { kind: 'decline', user: from.slice('player/'.length) as UserId }
    case RETURN_ENVELOPE: {
      const { code, original } = body as { readonly code: string; readonly original: RecordId } // of the runtime's returnOf
      return { kind: 'returned', money, code, original, from }
    }
    default:
      throw new Error(`a match takes no envelope ${name}`)
  }
}
