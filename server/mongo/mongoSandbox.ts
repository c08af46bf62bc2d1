// The sandbox provider's book on MongoDB, shared by every process of a cluster (S2). A line is one insertion under an _id
// that only it can have: of two processes that carry out the same order one writes it, and the other sees that it is there.

import type { Collection, Db } from 'mongodb'
import type { Clock } from '../../actors/runtime/ports.ts'
import { ServiceError } from '../../shared/errors.ts'
import {
  lineId,
  nextLine,
  reverseOf,
  type SandboxBook,
  type SandboxLine,
  type SandboxOrder,
  type SandboxOutcome,
  type SandboxProvider,
} from '../sandbox/port.ts'
import { inserted } from './identityCollections.ts'
import { StoreGuard } from './storeGuard.ts'

interface LineDocument {
  /** As `lineId` makes it of the reference and the number. */
  readonly _id: string
  readonly reference: string
  /** Of the lines about this reference, from 1. */
  readonly number: number
  readonly account: string
  readonly asset: string
  readonly direction: 'in' | 'out'
  readonly amount: string
  readonly atMs: number
}

interface FactDocument {
  readonly _id: 'began'
  readonly atMs: number
}

interface Collections {
  readonly lines: Collection<LineDocument>
  readonly facts: Collection<FactDocument>
}

/** Others may write about the same reference meanwhile; each try is after one that did. */
const TRIES = 20

function collectionsOf(db: Db): Collections {
  const durable = { writeConcern: { w: 'majority', journal: true }, readPreference: 'primary' } as const
  return {
    lines: db.collection<LineDocument>('sandbox_provider', durable),
    facts: db.collection<FactDocument>('sandbox_provider_facts', durable),
  }
}

/** The database is the composition root's; `close` leaves it open. Rejects with the driver's error. */
export async function openMongoSandbox(db: Db, clock: Clock): Promise<SandboxProvider> {
  const collections = collectionsOf(db)
  await collections.lines.createIndex({ reference: 1 })
  await collections.lines.createIndex({ account: 1, _id: 1 })
  await inserted(collections.facts.insertOne({ _id: 'began', atMs: clock.nowMs() }))
  return new MongoSandbox(collections.lines, clock)
}

class MongoSandbox implements SandboxProvider {
  readonly #lines: Collection<LineDocument>
  readonly #clock: Clock
  readonly #guard = new StoreGuard()

  constructor(lines: Collection<LineDocument>, clock: Clock) {
    this.#lines = lines
    this.#clock = clock
  }

  carryOut(order: SandboxOrder): Promise<SandboxOutcome> {
    return this.#guard.run(async () => {
      const outcome = await this.#add(order.reference, (before) => nextLine(before, order))
      return outcome === null ? 'done' : outcome
    })
  }

  takeBack(reference: string): Promise<void> {
    return this.#guard.run(async () => {
      await this.#add(reference, (before) => reverseOf(before) ?? 'already')
    })
  }

  async close(): Promise<void> {
    this.#guard.close()
  }

  /** Null once the line is written; else why none was to be. */
  async #add<Why extends string>(
    reference: string,
    next: (before: readonly SandboxLine[]) => SandboxOrder | Why,
  ): Promise<Why | null> {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const found = await this.#lines.find({ reference }).toArray()
      const before = found.sort((a, b) => a.number - b.number).map(lineOf)
      const line = next(before)
      if (typeof line === 'string') return line
      const number = before.length + 1
      const { amountMinor, ...rest } = line
      const document = { _id: lineId(reference, number), number, ...rest, amount: amountMinor.toString() }
      if (await inserted(this.#lines.insertOne({ ...document, atMs: this.#clock.nowMs() }))) return null
    }
    throw new ServiceError('unavailable')
  }
}

/** Null where no provider ever kept one here. Rejects with the driver's error. */
export async function openMongoSandboxBook(db: Db): Promise<SandboxBook | null> {
  const { lines, facts } = collectionsOf(db)
  const began = await facts.findOne({ _id: 'began' })
  if (began === null) return null
  return {
    beganMs: async () => began.atMs,
    async lines(account, after, limit) {
      const filter = { account, ...(after === null ? {} : { _id: { $gt: after } }) }
      const found = await lines.find(filter, { sort: { _id: 1 }, limit }).toArray()
      return found.map(lineOf)
    },
    close: async () => {},
  }
}

function lineOf({ _id: id, number: _, amount, ...rest }: LineDocument): SandboxLine {
  return { id, ...rest, amountMinor: BigInt(amount) }
}
