// What is fixed when a data set is made, for all its processes: how many partitions and streams, and an id that the store
// keeps too; and, once all its streams were there, that they were: a stream missing after that is lost, not new. One of
// the processes that start together makes it; all read it back through the leader before they go on.

import { randomBytes } from 'node:crypto'
import {
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  jetstream,
  StorageType,
  type StreamInfo,
} from '@nats-io/jetstream'
import { Kvm } from '@nats-io/kv'
import type { NatsConnection } from '@nats-io/transport-node'
import { z } from 'zod'
import { DataSetError, messageOf } from '../dataSetError.ts'
import { answerOf } from './patience.ts'
import { factsBucket } from './subjects.ts'

const FORMAT = 1
const FACTS_KEY = 'facts'
const MADE_KEY = 'made'
const ID_BYTES = 16
const WITHIN_MS = 15_000
const REQUEST_MS = 2_000

const FACTS = z.object({
  format: z.number(),
  dataSetId: z.string().min(1),
  partitions: z.number().int().positive(),
  streams: z.number().int().positive(),
})
export type DataSetFacts = Readonly<z.infer<typeof FACTS>>

export interface FactsWanted {
  readonly dataSet: string
  readonly partitions: number
  readonly streams: number
  readonly replicas: number
}

/** Reads the facts, or null where the data set has not been made. Throws DataSetError where they are not those wanted. */
export async function readFacts(manager: JetStreamManager, wanted: FactsWanted): Promise<DataSetFacts | null> {
  const text = await readKey(manager, wanted, FACTS_KEY)
  return text === null ? null : checked(text, wanted)
}

/** Whether all streams of this data set have been there. */
export async function isMade(manager: JetStreamManager, wanted: FactsWanted): Promise<boolean> {
  return (await readKey(manager, wanted, MADE_KEY)) !== null
}

/** Makes the facts unless another process is quicker, and answers those that hold. Throws as `readFacts` does. */
export async function makeFacts(
  connection: NatsConnection,
  manager: JetStreamManager,
  wanted: FactsWanted,
): Promise<DataSetFacts> {
  const { partitions, streams } = wanted
  const facts: DataSetFacts = { format: FORMAT, dataSetId: newId(), partitions, streams }
  await createKey(connection, wanted, FACTS_KEY, JSON.stringify(facts))
  const made = await readFacts(manager, wanted)
  if (made === null) throw new DataSetError(shown(wanted), 'what was just written is not there', 'Start again')
  return made
}

export function markMade(connection: NatsConnection, wanted: FactsWanted): Promise<void> {
  return createKey(connection, wanted, MADE_KEY, '1')
}

async function createKey(connection: NatsConnection, wanted: FactsWanted, key: string, value: string): Promise<void> {
  const kvm = new Kvm(jetstream(connection, { timeout: REQUEST_MS }))
  const options = { history: 1, storage: StorageType.File, replicas: wanted.replicas, allow_direct: false }
  await answerOf({ withinMs: WITHIN_MS }, async () => {
    const bucket = await kvm.create(factsBucket(wanted.dataSet), options)
    // Whoever is not the first is refused here; and so is the first, where its acknowledgement was lost.
    await bucket.create(key, value).catch((error: unknown) => {
      if (!isTaken(error)) throw error
    })
  })
}

// Through the leader: a replica may not have it yet.
async function readKey(manager: JetStreamManager, wanted: FactsWanted, key: string): Promise<string | null> {
  const bucket = factsBucket(wanted.dataSet)
  const query = { last_by_subj: `$KV.${bucket}.${key}` }
  const message = await answerOf({ withinMs: WITHIN_MS }, async () => {
    const info = await manager.streams.info(`KV_${bucket}`).catch(nullIfMissing)
    if (info === null) return null
    checkBucket(info, wanted)
    return manager.streams.getMessage(`KV_${bucket}`, query)
  })
  return message?.string() ?? null
}

// Fewer replicas than the streams have would lose the facts with a server that loses no batch.
function checkBucket({ config }: StreamInfo, wanted: FactsWanted): void {
  const { storage, num_replicas: replicas } = config
  if (storage !== StorageType.File) {
    throw new DataSetError(shown(wanted), `its storage is ${storage}, not file`, 'Set DATA_SET to another name')
  }
  if (replicas === wanted.replicas) return
  const edit = `nats stream edit KV_${factsBucket(wanted.dataSet)} --replicas ${wanted.replicas}`
  const remedy = `Set JOURNAL_REPLICAS=${replicas}, or change the bucket and the streams (${edit})`
  throw new DataSetError(shown(wanted), `it has ${replicas} replicas, not ${wanted.replicas}`, remedy)
}

function shown({ dataSet }: FactsWanted): string {
  return `bucket ${factsBucket(dataSet)}`
}

function checked(text: string, wanted: FactsWanted): DataSetFacts {
  const { partitions, streams } = wanted
  const bucket = shown(wanted)
  const facts = parse(text, bucket)
  if (facts.format !== FORMAT) {
    const remedy = 'Run the version of this program that made it'
    throw new DataSetError(bucket, `of format ${facts.format}, this program reads ${FORMAT}`, remedy)
  }
  const differs = (what: string, made: number, asked: number, variable: string): DataSetError =>
    new DataSetError(
      bucket,
      `made with ${made} ${what}, asked to open with ${asked}`,
      `Set ${variable}=${made}, or DATA_SET to another name`,
    )
  if (facts.partitions !== partitions) throw differs('partitions', facts.partitions, partitions, 'PARTITIONS')
  if (facts.streams !== streams) throw differs('streams', facts.streams, streams, 'JOURNAL_STREAMS')
  return facts
}

function parse(text: string, bucket: string): DataSetFacts {
  try {
    return FACTS.parse(JSON.parse(text))
  } catch (error) {
    const remedy = 'Bring back the bucket that belongs to these streams, or set DATA_SET to another name'
    throw new DataSetError(bucket, `does not hold a data set's facts (${messageOf(error).split('\n')[0]})`, remedy)
  }
}

function newId(): string {
  return randomBytes(ID_BYTES).toString('base64url')
}

function nullIfMissing(error: unknown): null {
  if (error instanceof Error && error.name === 'StreamNotFoundError') return null
  throw error
}

function isTaken(error: unknown): boolean {
  const codes: readonly number[] = [
    JetStreamApiCodes.StreamWrongLastSequence,
    JetStreamApiCodes.StreamWrongLastSequenceUnknown,
  ]
  return error instanceof JetStreamApiError && codes.includes(error.code)
}
