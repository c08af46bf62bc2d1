// The book of jobs on MongoDB, of every process of a cluster. What decides is always one insertion under an _id that only
// one can have: of a run when it is claimed, of its ending when it ends. The run's own copy of its ending is for searching,
// and mended by whoever finds it missing; pulses are apart, so that nothing but that copy ever updates a run.

import { Binary, type Collection, type Db, type Filter } from 'mongodb'
import { partsOf, readRun } from '../jobs/jobRows.ts'
import type {
  Done,
  Ending,
  Failed,
  JobBook,
  JobKind,
  JobRun,
  NewRun,
  RunCursor,
  RunFilter,
  RunningRun,
  RunPage,
} from '../jobs/port.ts'
import { inserted } from './identityCollections.ts'
import { StoreGuard } from './storeGuard.ts'

interface EndingFields {
  readonly state: 'done' | 'failed'
  readonly endedAtMs: number
  /** JSON. */
  readonly summary: string | null
  readonly error: string | null
  readonly tryAgain: string | null
  readonly documentType: string | null
}

interface RunDocument {
  readonly _id: string
  readonly kind: string
  readonly day: string | null
  readonly attempt: number
  readonly trigger: string
  readonly requestedBy: string
  /** JSON. */
  readonly request: string
  readonly startedAtMs: number
  /** `running` until the ending is copied here. */
  readonly state: string
  readonly ending: EndingFields | null
}

/** _id is the run's. */
type EndingDocument = EndingFields & { readonly _id: string }
type PulseDocument = { readonly _id: string; readonly pulse: number }
/** _id is `<run>|<number from 0>`. */
type PartDocument = { readonly _id: string; readonly bytes: Binary }

interface JobCollections {
  readonly runs: Collection<RunDocument>
  readonly endings: Collection<EndingDocument>
  readonly pulses: Collection<PulseDocument>
  readonly parts: Collection<PartDocument>
}

const DURABLE = { writeConcern: { w: 'majority', journal: true }, readPreference: 'primary' } as const

/** Rejects with the driver's error where the database does not answer. The database is the composition root's. */
export async function openMongoJobBook(db: Db): Promise<JobBook> {
  const runs = db.collection<RunDocument>('job_runs', DURABLE)
  await runs.createIndex({ startedAtMs: -1, _id: -1 })
  await runs.createIndex({ kind: 1, startedAtMs: -1, _id: -1 })
  await runs.createIndex({ kind: 1, day: -1, attempt: -1 })
  await runs.createIndex({ state: 1, startedAtMs: 1 })
  return new MongoJobBook({
    runs,
    endings: db.collection<EndingDocument>('job_endings', DURABLE),
    pulses: db.collection<PulseDocument>('job_pulses', DURABLE),
    parts: db.collection<PartDocument>('job_parts', DURABLE),
  })
}

class MongoJobBook implements JobBook {
  readonly #collections: JobCollections
  readonly #guard = new StoreGuard()

  constructor(collections: JobCollections) {
    this.#collections = collections
  }

  claim({ id, request, ...run }: NewRun): Promise<'claimed' | 'taken'> {
    const { kind, day, attempt, trigger, requestedBy, startedAtMs } = run
    const fields = { kind, day, attempt, trigger, requestedBy, startedAtMs, request: JSON.stringify(request) }
    const document: RunDocument = { _id: id, ...fields, state: 'running', ending: null }
    return this.#guard.run(async () =>
      (await inserted(this.#collections.runs.insertOne(document))) ? 'claimed' : 'taken',
    )
  }

  async heartbeat(id: string, pulse: number): Promise<void> {
    // The run's own process alone writes here.
    await this.#guard.run(() => this.#collections.pulses.updateOne({ _id: id }, { $set: { pulse } }, { upsert: true }))
  }

  async finish(id: string, { endedAtMs, summary, document, documentType }: Done): Promise<Ending> {
    if (document !== null) await this.#keep(id, document)
    const told = { summary: JSON.stringify(summary), error: null, tryAgain: null, documentType }
    return this.#end(id, { state: 'done', endedAtMs, ...told })
  }

  fail(id: string, { endedAtMs, error, tryAgain }: Failed): Promise<Ending> {
    return this.#end(id, { state: 'failed', endedAtMs, summary: null, error, tryAgain, documentType: null })
  }

  list({ kind, state }: RunFilter, before: RunCursor | null, limit: number): Promise<RunPage> {
    return this.#guard.run(async () => {
      const filter: Filter<RunDocument> = {
        ...(kind === null ? {} : { kind }),
        ...(state === null ? {} : { state }),
        ...(before === null ? {} : olderThan(before)),
      }
      const found = await this.#collections.runs
        .find(filter, { sort: { startedAtMs: -1, _id: -1 }, limit: limit + 1 })
        .toArray()
      const runs = found.slice(0, limit).map(runOf)
      const last = runs.at(-1)
      return { runs, next: found.length > limit && last !== undefined ? last : null }
    })
  }

  find(id: string): Promise<JobRun | null> {
    return this.#guard.run(async () => {
      const found = await this.#collections.runs.findOne({ _id: id })
      return found === null ? null : runOf(await this.#mended(found))
    })
  }

  async document(id: string): Promise<Uint8Array | null> {
    if (((await this.find(id))?.documentType ?? null) === null) return null
    const parts: Uint8Array[] = []
    for (;;) {
      const part = parts.length
      const found = await this.#guard.run(() => this.#collections.parts.findOne({ _id: partKey(id, part) }))
      if (found === null) return Buffer.concat(parts)
      parts.push(found.bytes.buffer)
    }
  }

  attempts(kind: JobKind, day: string): Promise<readonly JobRun[]> {
    return this.#guard.run(async () => {
      const found = await this.#collections.runs.find({ kind, day }, { sort: { attempt: 1 }, limit: 100 }).toArray()
      return Promise.all(found.map(async (document) => runOf(await this.#mended(document))))
    })
  }

  lastDone(kind: JobKind, throughDay: string | null): Promise<JobRun | null> {
    return this.#guard.run(async () => {
      const { runs } = this.#collections
      const found =
        throughDay === null
          ? await runs.findOne({ kind, state: 'done' }, { sort: { startedAtMs: -1, _id: -1 } })
          : await runs.findOne({ kind, state: 'done', day: { $lte: throughDay } }, { sort: { day: -1, attempt: -1 } })
      return found === null ? null : runOf(found)
    })
  }

  running(): Promise<readonly RunningRun[]> {
    return this.#guard.run(async () => {
      const { runs, pulses } = this.#collections
      const found = await runs.find({ state: 'running' }, { sort: { startedAtMs: 1 }, limit: 100 }).toArray()
      const going: RunningRun[] = []
      for (const document of found) {
        const run = runOf(await this.#mended(document))
        if (run.state !== 'running') continue
        going.push({ run, pulse: (await pulses.findOne({ _id: run.id }))?.pulse ?? 0 })
      }
      return going
    })
  }

  async close(): Promise<void> {
    this.#guard.close()
  }

  /** The run's own process alone writes here, and the same bytes however often. */
  async #keep(id: string, document: Uint8Array): Promise<void> {
    let part = 0
    for (const bytes of partsOf(document)) {
      const kept = { _id: partKey(id, part++), bytes: new Binary(bytes) }
      await this.#guard.run(() => inserted(this.#collections.parts.insertOne(kept)))
    }
  }

  #end(id: string, ending: EndingFields): Promise<Ending> {
    return this.#guard.run(async () => {
      const isFirst = await inserted(this.#collections.endings.insertOne({ _id: id, ...ending }))
      // A try before this one may have gone through.
      const isOwn = isFirst || isSame(await this.#collections.endings.findOne({ _id: id }), ending)
      if (!isOwn) return 'lost'
      await this.#copy(id, ending)
      return 'recorded'
    })
  }

  async #copy(id: string, ending: EndingFields): Promise<void> {
    await this.#collections.runs.updateOne({ _id: id }, { $set: { state: ending.state, ending } })
  }

  async #mended(document: RunDocument): Promise<RunDocument> {
    if (document.ending !== null) return document
    const found = await this.#collections.endings.findOne({ _id: document._id })
    if (found === null) return document
    const { _id, ...ending } = found
    await this.#copy(_id, ending)
    return { ...document, state: ending.state, ending }
  }
}

function olderThan({ startedAtMs, id }: RunCursor): Filter<RunDocument> {
  return { $or: [{ startedAtMs: { $lt: startedAtMs } }, { startedAtMs, _id: { $lt: id } }] }
}

function partKey(id: string, part: number): string {
  return `${id}|${part}`
}

function isSame(there: EndingDocument | null, { state, endedAtMs, summary, error }: EndingFields): boolean {
  return (
    there !== null &&
    there.state === state &&
    there.endedAtMs === endedAtMs &&
    there.summary === summary &&
    there.error === error
  )
}

function runOf({ _id: id, request, state, ending, ...run }: RunDocument): JobRun {
  const { summary = null, ...told } = ending ?? { endedAtMs: null, error: null, tryAgain: null, documentType: null }
  const parsed = summary === null ? null : JSON.parse(summary)
  return readRun({ id, ...run, request: JSON.parse(request), ...told, state, summary: parsed })
}
