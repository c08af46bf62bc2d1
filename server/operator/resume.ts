// `resume`: signs a decision about the halt that stands at a partition, stores it, and waits for the process that has the
// partition to say what it makes of it.

import type { PartitionId } from '../../shared/ids.ts'
import type { Halt } from '../halts.ts'
import { randomIds } from '../system.ts'
import { type Choice, signDecision } from './decision.ts'
import type { DecisionBook, Verdict } from './decisionBook.ts'
import { readOwnKey } from './operatorKeys.ts'
import { askReports, tellDecided } from './operatorWire.ts'
import { haltText } from './showHalts.ts'
import type { Cluster } from './toolConnection.ts'

export interface ResumeOrder {
  readonly partition: PartitionId
  readonly decision: Choice
  readonly keyFile: string
  readonly note: string
}

/** Longer than a process takes that was not told, and looks by itself. */
const VERDICT_WITHIN_MS = 8_000
const POLL_MS = 100

/** Answers the exit code. Rejects with DataSetError. */
export async function resume(cluster: Cluster, { partition, decision, keyFile, note }: ResumeOrder): Promise<number> {
  const { connection, book, dataSet } = cluster
  const own = readOwnKey(keyFile)
  const found = await findHalt(cluster, partition)
  if (found === null) {
    console.error(`Partition ${partition} of ${dataSet} does not stand still anywhere.`)
    return 1
  }
  const { halt, member, dataSetId } = found
  console.log(haltText(halt, member))
  const id = `d_${randomIds.newId()}`
  const at = new Date().toISOString()
  const signed = signDecision({ id, dataSet, dataSetId, halt, decision, operator: own.name, note, at }, own.key)
  await book.put({ id, partition, ...signed })
  tellDecided(connection, dataSet, partition)
  await connection.flush()
  return tell(id, await verdictOn(book, id))
}

interface Found {
  readonly halt: Halt
  readonly member: string
  readonly dataSetId: string
}

async function findHalt({ connection, dataSet }: Cluster, partition: PartitionId): Promise<Found | null> {
  const found = (await askReports(connection, dataSet)).flatMap(({ member, dataSetId, halts }) =>
    halts.filter((halt) => halt.partition === partition).map((halt) => ({ halt, member, dataSetId })),
  )
  // While it changes hands two may speak of it: the newer is the one that stands.
  return found.sort((a, b) => b.halt.at.localeCompare(a.halt.at))[0] ?? null
}

async function verdictOn(book: DecisionBook, id: string): Promise<Verdict | null> {
  const untilMs = performance.now() + VERDICT_WITHIN_MS
  while (performance.now() < untilMs) {
    const verdict = await book.verdict(id)
    if (verdict !== null) return verdict
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  return null
}

function tell(id: string, verdict: Verdict | null): number {
  if (verdict === null) {
    console.error(`Decision ${id} is stored, and nobody has acted on it: the halt may be over. See \`halted\`.`)
    return 1
  }
  const { accepted, why, member } = verdict
  if (accepted) console.log(`Decision ${id} was accepted by ${member}: ${why}.`)
  else console.error(`Decision ${id} was refused by ${member}: ${why}.`)
  return accepted ? 0 : 1
}
