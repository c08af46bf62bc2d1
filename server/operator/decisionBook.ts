// Decisions and what became of them, in MongoDB (`decisions`): only ever inserted, known to a majority before anybody acts.
// A decision gets one verdict, for ever, whoever gives it: that is what keeps it from being carried out twice. Not a
// projection (S2): a record of who decided what, never rebuilt.

import { type Collection, type Db, MongoServerError } from 'mongodb'
import type { PartitionId } from '../../shared/ids.ts'
import { connectMongo } from '../mongo/mongoConnection.ts'
import type { StoredDecision } from './judgement.ts'

interface DecisionDocument {
  readonly _id: string
  readonly kind: 'decision'
  readonly partition: number
  readonly text: string
  readonly signature: string
}

interface VerdictDocument extends Verdict {
  readonly _id: string
  readonly kind: 'verdict'
  readonly decision: string
  readonly partition: number
}

/** A rebuild has been carried out to its end. */
interface DoneDocument {
  readonly _id: string
  readonly kind: 'done'
  readonly decision: string
  readonly partition: number
  readonly member: string
  readonly at: Date
}

type BookDocument = DecisionDocument | VerdictDocument | DoneDocument

export interface Verdict {
  readonly accepted: boolean
  /** Whether something was begun that whoever takes the partition next has to finish. */
  readonly rebuilds: boolean
  readonly why: string
  /** Who gave it. */
  readonly member: string
  readonly at: Date
}

const DUPLICATE_KEY = 11_000

export interface OpenedBook {
  readonly book: DecisionBook
  close(): Promise<void>
}

/** Over a connection of its own. Rejects with DataSetError where MongoDB cannot be used. */
export async function openDecisionBook(mongoUrl: string, dataSet: string): Promise<OpenedBook> {
  const connection = await connectMongo(mongoUrl, dataSet)
  return { book: new DecisionBook(connection.db), close: () => connection.close() }
}

export class DecisionBook {
  private readonly collection: Collection<BookDocument>

  /** The database's own settings wait for a majority. */
  constructor(db: Db) {
    this.collection = db.collection('decisions')
  }

  async put({ id, partition, text, signature }: StoredDecision): Promise<void> {
    await this.collection.insertOne({ _id: id, kind: 'decision', partition, text, signature })
  }

  /** Of a partition: decisions without a verdict. */
  async open(partition: PartitionId): Promise<readonly StoredDecision[]> {
    const { decisions, verdicts } = await this.of(partition)
    return decisions.filter(({ id }) => !verdicts.has(id))
  }

  /** Of a partition: rebuilds that were accepted and are not done. */
  async begun(partition: PartitionId): Promise<readonly StoredDecision[]> {
    const { decisions, verdicts, done } = await this.of(partition)
    return decisions.filter(({ id }) => verdicts.get(id)?.rebuilds === true && !done.has(id))
  }

  async verdict(id: string): Promise<Verdict | null> {
    const found = await this.collection.findOne({ _id: verdictKey(id) })
    return found?.kind === 'verdict' ? found : null
  }

  /** Answers false where the decision has a verdict already: then this one counts for nothing. */
  settle({ id, partition }: StoredDecision, verdict: Verdict): Promise<boolean> {
    return this.insert({ _id: verdictKey(id), kind: 'verdict', decision: id, partition, ...verdict })
  }

  async finish({ id, partition }: StoredDecision, member: string, at: Date): Promise<void> {
    await this.insert({ _id: `${id}.done`, kind: 'done', decision: id, partition, member, at })
  }

  private async insert(document: BookDocument): Promise<boolean> {
    try {
      await this.collection.insertOne(document)
      return true
    } catch (error) {
      if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) return false
      throw error
    }
  }

  // There are a few a year: all of a partition's are read together.
  private async of(partition: PartitionId) {
    const decisions: StoredDecision[] = []
    const verdicts = new Map<string, Verdict>()
    const done = new Set<string>()
    for (const found of await this.collection.find({ partition }, { sort: { _id: 1 } }).toArray()) {
      if (found.kind === 'verdict') verdicts.set(found.decision, found)
      else if (found.kind === 'done') done.add(found.decision)
      else decisions.push({ id: found._id, partition, text: found.text, signature: found.signature })
    }
    return { decisions, verdicts, done }
  }
}

function verdictKey(decision: string): string {
  return `${decision}.verdict`
}
