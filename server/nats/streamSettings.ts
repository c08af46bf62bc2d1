// How a journal's stream has to be set: nothing is ever dropped, deleted, purged, rewritten or written without an
// acknowledgement that means the disk. The same table makes a stream and checks one that is there, field by field.

import {
  DiscardPolicy,
  PersistMode,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream'
import { DataSetError } from '../dataSetError.ts'
import { streamName, streamSubjects } from './subjects.ts'

export interface StreamWanted {
  readonly dataSet: string
  readonly stream: number
  readonly replicas: number
}

/** What it has to be, and how a server says so by leaving it out. */
const FIXED = {
  storage: StorageType.File,
  retention: RetentionPolicy.Limits,
  discard: DiscardPolicy.New,
  max_age: 0,
  max_bytes: -1,
  max_msgs: -1,
  max_msgs_per_subject: -1,
  max_msg_size: -1,
  discard_new_per_subject: false,
  deny_delete: true,
  deny_purge: true,
  allow_rollup_hdrs: false,
  allow_direct: true,
  no_ack: false,
  persist_mode: PersistMode.Default,
} as const satisfies Partial<StreamConfig>

/** What would change batches on their way in, or take them out again. */
const FORBIDDEN = [
  'sealed',
  'mirror',
  'sources',
  'subject_transform',
  'allow_msg_ttl',
  'allow_msg_schedules',
  'allow_msg_counter',
] as const

type Config = Readonly<Record<string, unknown>>

export function streamConfig({ dataSet, stream, replicas }: StreamWanted): Partial<StreamConfig> & { name: string } {
  return {
    ...FIXED,
    name: streamName(dataSet, stream),
    subjects: [streamSubjects(dataSet, stream)],
    num_replicas: replicas,
    description: `Journal of data set ${dataSet}: never edit, purge or delete`,
  }
}

/** Throws DataSetError for the first setting that is not as it has to be. */
export function checkStream(info: StreamInfo, { dataSet, stream, replicas }: StreamWanted): void {
  const name = `stream ${streamName(dataSet, stream)}`
  // Fields are looked up by their names; the client's type knows fewer than the server has.
  const config = info.config as unknown as Config
  const refuse = (field: string, wanted: unknown, remedy: string): never => {
    const is = JSON.stringify(config[field] ?? null)
    throw new DataSetError(name, `its ${field} is ${is}, not ${JSON.stringify(wanted)}`, remedy)
  }
  const edit = (field: string): string =>
    `Set ${field} back (nats stream edit), or set DATA_SET to another name for a new data set`
  const subjects = [streamSubjects(dataSet, stream)]
  if (JSON.stringify(config.subjects) !== JSON.stringify(subjects)) refuse('subjects', subjects, edit('subjects'))
  if (config.num_replicas !== replicas) {
    const remedy = `Set JOURNAL_REPLICAS=${config.num_replicas}, or change the stream (nats stream edit --replicas ${replicas})`
    refuse('num_replicas', replicas, remedy)
  }
  for (const [field, wanted] of Object.entries(FIXED)) {
    if (!isSet(config[field], wanted)) refuse(field, wanted, edit(field))
  }
  for (const field of FORBIDDEN) if (!isAbsent(config[field])) refuse(field, null, edit(field))
  checkContent(info, name)
}

// Denied deletion can be got round only on the server's own disk.
function checkContent({ state }: StreamInfo, name: string): void {
  const removed = (state.num_deleted ?? 0) + (state.messages > 0 ? state.first_seq - 1 : state.last_seq)
  if (removed === 0) return
  throw new DataSetError(name, `${removed} of its messages are missing`, 'Restore the stream from a backup')
}

function isSet(value: unknown, wanted: unknown): boolean {
  if (wanted === false || wanted === 0) return isAbsent(value)
  if (wanted === PersistMode.Default) return value === undefined || value === wanted
  return value === wanted
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === false || value === 0 || JSON.stringify(value) === '[]'
}
