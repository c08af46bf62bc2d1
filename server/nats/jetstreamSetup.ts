// What a process does with JetStream before it appends anything: the data set's facts and its streams are made where they
// are missing, by whichever of several starting processes is first, and checked where they are there. What is not as it
// has to be refuses to start, in one line with its remedy.

import {
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
  type PeerInfo,
  type StreamInfo,
} from '@nats-io/jetstream'
import { DataSetError, messageOf } from '../dataSetError.ts'
import { type DataSetFacts, isMade, makeFacts, markMade, readFacts } from './dataSetFacts.ts'
import { fsyncTrouble, type Holder } from './fsyncProof.ts'
import type { NatsLink } from './natsLink.ts'
import { answerOf, settled } from './patience.ts'
import { checkStream, type StreamWanted, streamConfig } from './streamSettings.ts'
import { factsBucket, streamName } from './subjects.ts'

export interface JetStreamSetup {
  /** DATA_SET. */
  readonly dataSet: string
  readonly partitions: number
  readonly streams: number
  readonly replicas: number
  readonly allowLazyFsync: boolean
  /** Where each server's monitoring answers; see fsyncProof.ts. */
  readonly monitorUrls: readonly string[]
}

export type JetStreamDataSet = DataSetFacts

const REQUEST_MS = 2_000
/** Streams of a cluster elect their leaders when they are made, and after every restart. */
const WITHIN_MS = 15_000
/** An election takes up to 9 s, and what it finds 5 s more. */
const HOLDERS_WITHIN_MS = 20_000
/** A replica that its leader has not heard of for this long is down: it hears of each every second. */
const DOWN_AFTER_NS = 5_000_000_000
const PAUSE_MS = 500

/** Throws DataSetError where the data set cannot be used as it is. */
export async function setUpJetStream(link: NatsLink, setup: JetStreamSetup): Promise<JetStreamDataSet> {
  const manager = await jetstreamManager(link.connection, { checkAPI: false, timeout: REQUEST_MS })
  try {
    const facts = await agreedFacts(link, manager, setup)
    const wasMade = await isMade(manager, setup)
    await requireFsync(setup, () => checkedStreams(manager, setup, wasMade))
    if (!wasMade) await markMade(link.connection, setup)
    return facts
  } catch (error) {
    throw error instanceof DataSetError ? error : unusable(setup, error)
  }
}

/** The streams, made where they may be. Throws DataSetError where one is not as it has to be. */
async function checkedStreams(
  manager: JetStreamManager,
  setup: JetStreamSetup,
  wasMade: boolean,
): Promise<readonly StreamInfo[]> {
  const infos: StreamInfo[] = []
  for (const wanted of streamsOf(setup)) {
    const info = wasMade ? await streamKept(manager, wanted) : await streamMade(manager, wanted)
    checkStream(info, wanted)
    infos.push(info)
  }
  return infos
}

async function requireFsync(setup: JetStreamSetup, streams: () => Promise<readonly StreamInfo[]>): Promise<void> {
  const began = performance.now()
  for (;;) {
    const holders = (await streams()).flatMap(holdersOf)
    const trouble = await fsyncTrouble(holders, setup)
    if (trouble === null) return
    if (!trouble.mayPass || performance.now() - began >= HOLDERS_WITHIN_MS) throw trouble.error
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
}

async function agreedFacts(link: NatsLink, manager: JetStreamManager, setup: JetStreamSetup): Promise<DataSetFacts> {
  const facts = await readFacts(manager, setup)
  if (facts !== null) return facts
  const isWritten = await holdsBatches(manager, setup)
  // Batches come after the facts: where there are some, another process has just made both, or the facts are lost.
  const again = isWritten ? await readFacts(manager, setup) : null
  if (again !== null) return again
  if (isWritten) {
    const remedy = 'Bring back the bucket that belongs to these streams, or set DATA_SET to another name'
    throw new DataSetError(`bucket ${factsBucket(setup.dataSet)}`, 'missing, though its streams hold batches', remedy)
  }
  return makeFacts(link.connection, manager, setup)
}

async function holdsBatches(manager: JetStreamManager, setup: JetStreamSetup): Promise<boolean> {
  for (const { dataSet, stream } of streamsOf(setup)) {
    const info = await answerOf({ withinMs: WITHIN_MS }, () => streamInfo(manager, streamName(dataSet, stream)))
    if ((info?.state.messages ?? 0) > 0) return true
  }
  return false
}

function streamsOf({ dataSet, streams, replicas }: JetStreamSetup): readonly StreamWanted[] {
  return Array.from({ length: streams }, (_, stream) => ({ dataSet, stream, replicas }))
}

async function streamKept(manager: JetStreamManager, { dataSet, stream }: StreamWanted): Promise<StreamInfo> {
  const name = streamName(dataSet, stream)
  const info = await answerOf({ withinMs: WITHIN_MS }, () => streamInfo(manager, name))
  if (info !== null) return info
  const remedy = 'Restore it from a backup, or set DATA_SET to another name'
  throw new DataSetError(`stream ${name}`, 'missing, though the data set was made with it', remedy)
}

async function streamMade(manager: JetStreamManager, wanted: StreamWanted): Promise<StreamInfo> {
  const name = streamName(wanted.dataSet, wanted.stream)
  const answer = await settled({ withinMs: WITHIN_MS }, async () => {
    const there = await streamInfo(manager, name)
    if (there !== null) return there
    const refused = await manager.streams.add(streamConfig(wanted)).then(() => null, asError)
    // Made by another process, perhaps with other settings: those are named when they are checked. What making it answers
    // does not say which servers hold it.
    const made = await streamInfo(manager, name)
    if (made === null) throw refused ?? new Error('it is not there after it was made')
    return made
  })
  if (answer.kind !== 'done') throw notMade(wanted, name, answer.error)
  return answer.value
}

function asError(error: unknown): unknown {
  return error
}

async function streamInfo(manager: JetStreamManager, name: string): Promise<StreamInfo | null> {
  try {
    return await manager.streams.info(name)
  } catch (error) {
    if (error instanceof Error && error.name === 'StreamNotFoundError') return null
    throw error
  }
}

function notMade({ replicas }: StreamWanted, name: string, error: unknown): DataSetError {
  const remedy = peersRemedy(replicas, error) ?? 'See the log of nats-server'
  return new DataSetError(`stream ${name}`, `cannot be made (${messageOf(error)})`, remedy)
}

/** What to do about a cluster with fewer servers than replicas, or none at all. */
function peersRemedy(replicas: number, error: unknown): string | null {
  if (!(error instanceof JetStreamApiError && /peers|replicas/i.test(error.message))) return null
  return `Set JOURNAL_REPLICAS to at most the number of servers with JetStream, or start ${replicas} of them in one cluster`
}

/** The servers that acknowledge for this stream; one that is down does not. */
function holdersOf({ cluster }: StreamInfo): readonly Holder[] {
  const leader = cluster?.leader ?? ''
  // Without a leader nobody knows who is up.
  if (leader === '') return []
  const replicas = cluster?.replicas ?? []
  const names = [leader, ...replicas.filter((replica) => !isDown(replica)).map(({ name }) => name)]
  return names.map((server) => ({ server, isAlone: replicas.length === 0 }))
}

// The server's own word, `offline`, comes minutes after a server was killed.
function isDown({ offline, active, current }: PeerInfo): boolean {
  const isUnheard = active === 0 && !current
  return offline === true || isUnheard || active >= DOWN_AFTER_NS
}

function unusable({ dataSet, replicas }: JetStreamSetup, error: unknown): DataSetError {
  const rights = "See the log of nats-server; this user needs $JS.API.>, $KV.> and the data set's subjects"
  const remedy = peersRemedy(replicas, error) ?? rights
  return new DataSetError(`data set ${dataSet} in JetStream`, messageOf(error), remedy)
}
