// A wallet on the bench: decisions taken, checked by the ledger's own rules (M1, M2, M3, M5) and folded, without a runtime.

import type { Accepted, DecideContext, Decision } from '../../actors/runtime/actor.ts'
import { Balances, postOwned, postSystem, stage } from '../../actors/runtime/books.ts'
import type { Json, LogRecord } from '../../actors/runtime/record.ts'
import type { WalletCommand, WalletEvent } from '../../actors/wallet/commands.ts'
import { walletKind } from '../../actors/wallet/kind.ts'
import { type PlanRefusal, planReversal, type ReversalPlan } from '../../actors/wallet/reversalPlan.ts'
import type { Wallet } from '../../actors/wallet/state.ts'
import type { RecordId, WalletId } from '../../shared/ids.ts'
import { DEFAULT_PRICES, fixedRates, type Rates } from '../../shared/rates.ts'

/** Where every bench begins. */
export const START_MS = Date.UTC(2026, 0, 1)

export class WalletBench {
  readonly id: WalletId
  wallet: Wallet
  /** Of the accounts the wallet owns, and of the system accounts, as the entries add up. */
  readonly own = new Balances()
  readonly system = new Balances()
  /** Everything accepted, as the log would hold it. */
  readonly log: { readonly event: Json; readonly atMs: number }[] = []
  nowMs = START_MS
  /** The same as records of the ledger, by their ids. */
  readonly records = new Map<RecordId, LogRecord>()
  rates: Rates = fixedRates(DEFAULT_PRICES)
  private seq = 0

  constructor(id: string) {
    this.id = id as WalletId // written by the tests
    this.wallet = walletKind.initial(id)
  }

  get account(): { readonly available: string; readonly held: string } {
    return { available: `2001:${this.id}`, held: `2005:${this.id}` }
  }

  /** Of the next command that is accepted. */
  get nextRecordId(): RecordId {
    return `3-${this.seq + 1}` as RecordId // of the form recordId() gives
  }

  decide(command: WalletCommand): Decision<WalletEvent> {
    return walletKind.decide(this.wallet, command, this.context())
  }

  /** Decides and, where it is accepted, posts and folds. */
  run(command: WalletCommand): Decision<WalletEvent> {
    const decision = this.decide(command)
    if (decision.kind === 'accepted') this.fold(decision)
    return decision
  }

  /** As `run`, for steps of a fixture that have to be accepted. */
  must(command: WalletCommand): Accepted<WalletEvent> {
    const decision = this.run(command)
    if (decision.kind === 'rejected') throw new Error(`${command.kind} was refused: ${decision.code}`)
    return decision
  }

  /** Minor units of an account, zero where nothing was posted. */
  balance(account: string, asset = 'USD'): bigint {
    return this.own.get(account, asset) || this.system.get(account, asset)
  }

  private fold(decision: Accepted<WalletEvent>): void {
    const entries = stage(decision.postings, `wallet/${this.id}`, this.own, this.system)
    postOwned(entries, this.own)
    postSystem(entries, this.system)
    for (const event of decision.events) {
      this.log.push({ event: walletKind.encodeEvent(event), atMs: this.nowMs })
      walletKind.evolve(this.wallet, event, this.nowMs)
    }
    this.seq++
    this.records.set(`3-${this.seq}` as RecordId, {
      ...{ seq: this.seq, atMs: this.nowMs, actor: `wallet/${this.id}`, outcome: { kind: 'accepted' } },
      cause: { kind: 'command', name: '', key: '', hash: '', requestId: '' },
      ...{ operation: decision.operation, events: decision.events.map(walletKind.encodeEvent), entries },
      ...{ outbox: [], timers: [], reply: decision.reply },
    })
  }

  /** What staff would propose: null for all of the record. Answers the refusal where there is no such plan. */
  plan(id: RecordId, amountMinor: bigint | null = null): ReversalPlan | PlanRefusal {
    const record = this.records.get(id)
    if (record === undefined) throw new Error(`no record ${id} on the bench`)
    return planReversal({ walletId: this.id, partition: 3, record }, amountMinor)
  }

  private context(): DecideContext {
    return {
      nowMs: this.nowMs,
      recordId: this.nextRecordId,
      partition: 3,
      self: this.id,
      rates: this.rates,
      newId: () => {
        throw new Error('a wallet needs no new ids')
      },
    }
  }
}

/** `debit 2001:w_a 10 USD`, in the order decided. */
export function postingLines(decision: Decision<WalletEvent>): readonly string[] {
  if (decision.kind === 'rejected') return []
  return decision.postings.map(
    (posting) => `${posting.side} ${posting.account} ${posting.amountMinor} ${posting.asset}`,
  )
}

/** What a decision is in one word: the refusal's code, or the events' kinds. */
export function outcomeOf(decision: Decision<WalletEvent>): string {
  if (decision.kind === 'rejected') return decision.code
  return decision.events.map((event) => event.kind).join(' ') || 'nothing'
}
