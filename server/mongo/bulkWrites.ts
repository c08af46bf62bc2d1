// Many documents in one command. Inserts of what is never changed: a document that is there is the one to be put there.
// Updates that only ever grow. Both can be made again, whole or in part, by whoever, and come to the same (S1).

import { type AnyBulkWriteOperation, type Collection, MongoBulkWriteError } from 'mongodb'
import type { MongoServer } from './mongoConnection.ts'

const DUPLICATE_KEY = 11_000
const CHUNK = 1_000
/** FerretDB 1 keeps a connection for each document that a command updates, of the hundred it has, and stops for ever. */
const FERRET_UPDATES = 20
/** Searches at once where each id is one. */
const FERRET_SEARCHES = 8

interface Identified {
  readonly _id: string
}

export class BulkWrites {
  /** Whether a search but by id has an index; without one it reads its whole collection. */
  readonly indexed: boolean
  private readonly isFerret: boolean

  constructor(server: MongoServer) {
    this.isFerret = server.kind === 'ferretdb'
    this.indexed = !this.isFerret
  }

  /** Resolves once all of them are there; those that were are left as they are. */
  async insert<Row extends Identified>(collection: Collection<Row>, rows: readonly Row[]): Promise<void> {
    for (const chunk of chunks(rows, CHUNK)) {
      try {
        // The driver's type asks for an optional id of its own making.
        await collection.insertMany(chunk as never, { ordered: false })
      } catch (error) {
        if (!areAllThere(error)) throw error
      }
    }
  }

  /**
   * Raises each field to what is given, where that is more. By id alone, so that no filter can race. FerretDB 1 reads and
   * writes in two steps, and there one of two raises of the same moment can be lost; MongoDB does it in one.
   */
  async raise<Row extends Identified>(
    collection: Collection<Row>,
    rows: readonly (Identified & Partial<Row>)[],
  ): Promise<void> {
    for (const chunk of chunks(rows, this.isFerret ? FERRET_UPDATES : CHUNK)) {
      const operations = chunk.map(({ _id, ...fields }) => ({
        updateOne: { filter: { _id }, update: { $max: fields }, upsert: true },
      }))
      // The filter and the update are made of Row's own fields.
      await this.twice(() =>
        collection.bulkWrite(operations as unknown as AnyBulkWriteOperation<Row>[], { ordered: false }),
      )
    }
  }

  // Two owners may put the same new document there at once; for the one who comes second it is there then.
  private async twice(update: () => Promise<unknown>): Promise<void> {
    try {
      await update()
    } catch (error) {
      if (!areAllThere(error)) throw error
      await update()
    }
  }

  /** Those of these ids that are there, in their order, with these fields alone where some are named. */
  async find<Row extends Identified>(
    collection: Collection<Row>,
    ids: readonly string[],
    fields: readonly (keyof Row & string)[] = [],
  ): Promise<readonly Row[]> {
    const projection = Object.fromEntries(fields.map((name) => [name, 1]))
    const options = fields.length === 0 ? {} : { projection }
    // A list of ids makes FerretDB read the whole collection.
    const size = this.isFerret ? 1 : CHUNK
    const found = new Map<string, Row>()
    const waiting = chunks(ids, size)
    const search = async (): Promise<void> => {
      for (let chunk = waiting.next(); chunk.done !== true; chunk = waiting.next()) {
        const _id = chunk.value.length === 1 ? chunk.value[0] : { $in: chunk.value }
        // Ids are strings, and the fields those of Row.
        const rows = (await collection.find({ _id } as never, options).toArray()) as unknown as Row[]
        for (const row of rows) found.set(row._id, row)
      }
    }
    await Promise.all(Array.from({ length: Math.min(FERRET_SEARCHES, Math.ceil(ids.length / size)) }, search))
    return ids.flatMap((id) => found.get(id) ?? [])
  }
}

// A timeout of the majority is told beside the duplicates, and then they are not known to last.
function areAllThere(error: unknown): boolean {
  if (!(error instanceof MongoBulkWriteError)) return false
  const errors = [error.writeErrors].flat()
  return (
    errors.length > 0 &&
    errors.every(({ code }) => code === DUPLICATE_KEY) &&
    error.result.getWriteConcernError() === undefined
  )
}

function* chunks<Item>(items: readonly Item[], size: number): Generator<Item[], undefined> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size)
}
