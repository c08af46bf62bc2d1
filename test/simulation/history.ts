// What clients asked and were told, held against the durable log: nothing is acknowledged that is not durable (A4), a
// key has one outcome and the same answer for ever (M6), an unknown outcome is wholly in or wholly out, and a read shows
// what some durable prefix of the log gives, never older than what its reader was told before.

import type { Answer, ReadAnswer } from '../../actors/runtime/answers.ts'
import type { WalletView } from '../../actors/wallet/views.ts'
import type { Report } from './coverage.ts'
import { inputRefusalHolds, mismatch } from './effects.ts'
import type { DurableRecord, Model } from './model.ts'
import { commandText, isMatchActor, isNftActor, isPlayerActor, type SimCommand, throwsOn } from './simKinds.ts'

/** One body under one key of one wallet or token, however often it was sent. */
export interface Intent {
  readonly actor: string
  readonly key: string
  readonly command: SimCommand
  readonly text: string
  sent: number
  /** Answers by what they were, with how often. */
  readonly told: Map<string, number>
  /** The answer that stands, once one was given that names a record, and the node that gave it. */
  final: string | null
  finalFrom: string
  /** Nothing is left to ask. */
  settled: boolean
}

const RETRYABLE = new Set(['overloaded', 'unavailable'])
const STAKE_REFUSALS = new Set([
  ...[
    'wallet.insufficient_funds',
    'wallet.owes',
    'wallet.frozen',
    'wallet.closed',
    'wallet.not_open',
    'wallet.stake_kyc',
  ],
])

export class History {
  private readonly intents = new Map<string, Intent[]>()
  private readonly hashes = new Map<string, string>()
  private readonly newestTold = new Map<string, number>()
  /** By answer, push or read, to anybody: with it C1 begins. */
  private readonly newestSeen = new Map<string, number>()
  private lastActor: string | null = null
  private readonly model: Model
  private readonly report: Report

  constructor(model: Model, report: Report) {
    this.model = model
    this.report = report
  }

  intend(actor: string, key: string, command: SimCommand): Intent {
    const text = commandText(actor, command)
    const family = this.family(actor, key)
    let intent = family.find((other) => other.text === text)
    if (intent === undefined) {
      intent = { actor, key, command, text, sent: 0, told: new Map(), final: null, finalFrom: '', settled: false }
      family.push(intent)
    }
    intent.sent++
    return intent
  }

  all(): readonly Intent[] {
    return [...this.intents.values()].flat()
  }

  /** The bodies that were sent under each key. */
  families(): Iterable<readonly Intent[]> {
    return this.intents.values()
  }

  /** M6: the first record of a key must be asked for, be a right outcome, and stay the only one. */
  landed(durable: DurableRecord): void {
    const { record, partition } = durable
    if (record.cause.kind !== 'command') return
    const { key, name } = record.cause
    const at = `${partition}:${record.seq}`
    const count = this.model.byCommand(record.actor, key).length
    this.report.expect(count === 1, 'M6', () => `${at}: ${record.actor} carries out key ${key} for the ${count}th time`)
    const wrong = this.family(record.actor, key)
      .filter((intent) => intent.command.kind === name)
      .map((intent) => mismatch(intent.command, durable))
    if (wrong.includes(null)) return
    this.report.fail('A3', `${at}: ${wrong[0] ?? `nobody asked for ${name} under key ${key}`}`)
  }

  /** Called in the moment in which the runtime answers. */
  answered(intent: Intent, answer: Answer, node: string): void {
    const told = answer.kind === 'done' ? 'done' : answer.code
    intent.told.set(told, (intent.told.get(told) ?? 0) + 1)
    this.report.count(answer.kind === 'done' ? 'done' : `refused_${answer.code}`)
    if (answer.kind === 'refused' && answer.seq === null) return this.withoutRecord(intent, answer.code)
    const durable = this.recordOf(intent, answer)
    if (durable === null) return
    this.checkSame(intent, answer, node)
    const text = mismatch(intent.command, durable)
    if (text !== null) this.report.fail('A4', `${intent.actor} ${intent.key}: told ${told}, but ${text}`)
    this.newestTold.set(intent.actor, Math.max(durable.record.seq, this.newestTold.get(intent.actor) ?? 0))
    this.seen(intent.actor, durable.record.seq)
  }

  /** Somebody knows of this record now. */
  seen(actor: string, seq: number): void {
    this.newestSeen.set(actor, Math.max(seq, this.newestSeen.get(actor) ?? 0))
    // Nobody here asks a player for anything.
    if (!isPlayerActor(actor)) this.lastActor = actor
  }

  private withoutRecord(intent: Intent, code: string): void {
    if (RETRYABLE.has(code)) return
    intent.settled = true
    if (code === 'internal') {
      this.report.expect(throwsOn(intent.command), 'A6', () => `${intent.text} of ${intent.actor} answered internal`)
      return
    }
    if (code === 'idempotency_mismatch') return this.checkMismatch(intent)
    // A stake that does not go out leaves nothing, whatever the wallet was like: its seat's key stays free.
    if (intent.command.kind === 'stake' && STAKE_REFUSALS.has(code)) return
    const records = this.model.byCommand(intent.actor, intent.key)
    const carriedOut = records.some((durable) => isOutcomeOf(intent.command, durable) && isAccepted(durable))
    // A4: only an open wallet looks at the input, so that it was opened must be durable.
    const opened = isMatchActor(intent.actor) || this.model.wasOpen(intent.actor)
    const fair = inputRefusalHolds(intent.command, code, intent.actor) && opened && !carriedOut
    this.report.expect(fair, 'M6', () => `${intent.text} of ${intent.actor} answered ${code} without a record`)
  }

  // A4: the body that the key belongs to is durable before anybody is told that the key is taken.
  private checkMismatch(intent: Intent): void {
    const [durable] = this.model.byCommand(intent.actor, intent.key)
    const others = this.family(intent.actor, intent.key).filter((other) => other !== intent)
    const taken = durable !== undefined && others.some((other) => isOutcomeOf(other.command, durable))
    this.report.expect(
      taken,
      'A4',
      () => `${intent.actor}: key ${intent.key} called taken, and no durable record has it`,
    )
    this.report.expect(intent.final === null, 'M6', () => `${intent.actor}: key ${intent.key} changed its mind`)
    this.report.count('keyMismatch')
  }

  // A4: at the moment of the answer the record is in the log, and is this command's.
  private recordOf(intent: Intent, answer: Answer): DurableRecord | null {
    const [durable] = this.model.byCommand(intent.actor, intent.key)
    const record = durable?.record
    const says = `${intent.actor} ${intent.key} was told ${JSON.stringify(answer)}`
    if (durable === undefined || record === undefined || record.cause.kind !== 'command') {
      this.report.fail('A4', `${says}, and no durable record has the key`)
      return null
    }
    const refused = record.outcome.kind === 'refused' ? record.outcome.code : null
    const same =
      answer.kind === 'done'
        ? refused === null &&
          answer.recordId === `${durable.partition}-${record.seq}` &&
          answer.partition === durable.partition &&
          JSON.stringify(answer.reply) === JSON.stringify(record.reply)
        : refused === answer.code
    const seq = answer.seq === record.seq
    this.report.expect(same && seq, 'A4', () => `${says}, the log has ${refused ?? 'accepted'} at ${record.seq}`)
    this.checkHash(intent, record.cause.hash)
    return durable
  }

  // M6: one hash per body.
  private checkHash(intent: Intent, hash: string): void {
    const body = `${intent.actor} ${intent.text}`
    const known = this.hashes.get(body)
    this.report.expect(
      known === undefined || known === hash,
      'M6',
      () => `${body} answered by a record of another body`,
    )
    this.hashes.set(body, hash)
  }

  private checkSame(intent: Intent, answer: Answer, node: string): void {
    const text = JSON.stringify(answer)
    if (intent.final !== null) this.report.count('keyRepeated')
    const same = intent.final === null || intent.final === text
    this.report.expect(same, 'M6', () => `${intent.actor} ${intent.key}: told ${intent.final}, then ${text}`)
    if (intent.final !== null && intent.finalFrom !== node) this.report.count('keyRepeatedElsewhere')
    intent.final = text
    intent.finalFrom = node
    intent.settled = true
  }

  newestToldOf(actor: string): number {
    return this.newestTold.get(actor) ?? 0
  }

  newestSeenOf(actor: string): number {
    return this.newestSeen.get(actor) ?? 0
  }

  get lastSeen(): string | null {
    return this.lastActor
  }

  /** `floor`: what had to be shown by `rule`, or 0 where the answer may come from a former owner. */
  read(
    actor: string,
    answer: ReadAnswer,
    { head, floor, rule }: { readonly head: number; readonly floor: number; readonly rule: 'A4' | 'C1' },
  ): void {
    if (answer.kind === 'refused') {
      this.report.expect(RETRYABLE.has(answer.code), 'A4', () => `read of ${actor} refused with ${answer.code}`)
      return
    }
    this.report.count('read')
    const { seq } = answer
    this.report.expect(seq <= head, 'A4', () => `read of ${actor} shows seq ${seq}, durable is ${head}`)
    this.report.expect(
      seq >= this.model.changedAt(actor, floor),
      rule,
      () => `read of ${actor} shows seq ${seq}, seq ${floor} had been told before it was sent`,
    )
    if (rule === 'C1' && floor > 0) this.report.count('readAfterTold')
    this.seen(actor, seq)
    const moment = this.model.at(actor, seq)
    const folded = isNftActor(actor) ? moment.nft : moment.other
    const shown = folded === null ? viewText(answer.view as WalletView) : plainText(answer.view) // a wallet's view
    const fold = folded === null ? viewText(moment.view) : plainText(folded)
    this.report.expect(shown === fold, 'A4', () => `read of ${actor} at ${seq} shows ${shown}, the log gives ${fold}`)
  }

  private family(actor: string, key: string): Intent[] {
    const name = `${actor} ${key}`
    let family = this.intents.get(name)
    if (family === undefined) {
      family = []
      this.intents.set(name, family)
    }
    return family
  }
}

function isOutcomeOf(command: SimCommand, durable: DurableRecord): boolean {
  const { cause } = durable.record
  return cause.kind === 'command' && cause.name === command.kind && mismatch(command, durable) === null
}

function isAccepted({ record }: DurableRecord): boolean {
  return record.outcome.kind === 'accepted'
}

function viewText(view: WalletView): string {
  const holds = [...view.holds].sort((a, b) => (a.name < b.name ? -1 : 1))
  return plainText({ ...view, holds })
}

/** Whatever order its fields were made in. */
function plainText(view: unknown): string {
  return JSON.stringify(view, (_key, value) => {
    if (typeof value === 'bigint') return value.toString()
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}
