// How an operator's tool and the processes of a data set talk, over one NATS subject that all of them hear: what stands
// still, and that a decision is to be looked for. Nothing rests on it but speed: decisions are in MongoDB, and looked for
// there again and again.

import type { NatsConnection } from '@nats-io/nats-core'
import { z } from 'zod'
import type { PartitionId } from '../../shared/ids.ts'

const HALT = z.object({
  id: z.string(),
  partition: z.int(),
  stage: z.enum(['projector', 'recovery']),
  seq: z.int().nullable(),
  reason: z.string(),
  at: z.string(),
})

const REPORT = z.object({
  member: z.string(),
  dataSet: z.string(),
  dataSetId: z.string(),
  halts: z.array(HALT),
})
/** What one process says. */
export type HaltReport = Readonly<z.infer<typeof REPORT>>

const REPORTS = 'report'
const ANSWERS_WITHIN_MS = 2_000
/** After the last answer, how long another one is waited for. */
const SILENCE_MS = 700

function subjectOf(dataSet: string): string {
  return `leet.${dataSet}.operator`
}

/** What every process that is there says; an empty list where none is. */
export async function askReports(connection: NatsConnection, dataSet: string): Promise<readonly HaltReport[]> {
  const reports: HaltReport[] = []
  const options = { strategy: 'stall', maxWait: ANSWERS_WITHIN_MS, stall: SILENCE_MS } as const
  try {
    for await (const answer of await connection.requestMany(subjectOf(dataSet), REPORTS, options)) {
      reports.push(REPORT.parse(answer.json()))
    }
  } catch (error) {
    // Nobody hears the subject.
    if (reports.length === 0 && error instanceof Error && /no responders/i.test(error.message)) return []
    throw error
  }
  return reports
}

/** Tells every process to look for a decision now. */
export function tellDecided(connection: NatsConnection, dataSet: string, partition: PartitionId): void {
  connection.publish(subjectOf(dataSet), String(partition))
}

export interface OperatorEars {
  report(): HaltReport
  decided(partition: PartitionId): void
}

/** Answers a function that ends it. */
export function hearOperators(connection: NatsConnection, dataSet: string, ears: OperatorEars): () => void {
  const subscription = connection.subscribe(subjectOf(dataSet), {
    callback: (error, message) => {
      if (error !== null) return
      if (message.string() === REPORTS) message.respond(JSON.stringify(ears.report()))
      else ears.decided(Number(message.string()))
    },
  })
  return () => subscription.unsubscribe()
}
