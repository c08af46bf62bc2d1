// `halted`: everything that stands still in a data set, as its processes report it.

import type { Halt } from '../halts.ts'
import { askReports } from './operatorWire.ts'
import type { Cluster } from './toolConnection.ts'

const WHAT = {
  projector: 'serves, but its projector has halted: the store follows it no more',
  recovery: 'cannot be recovered, and does not serve',
} as const satisfies Record<Halt['stage'], string>

export function haltText(halt: Halt, member: string): string {
  const { partition, stage, seq, reason, at, id } = halt
  return `partition ${partition} ${WHAT[stage]}
  at record ${seq ?? '(unknown)'}, since ${at}, found by ${member}, as halt ${id}
  reason: ${reason}`
}

/** Answers the exit code: 0 also where nothing stands still. */
export async function showHalts({ connection, dataSet }: Cluster): Promise<number> {
  const reports = await askReports(connection, dataSet)
  if (reports.length === 0) {
    console.error(`No process of the data set ${dataSet} answers.`)
    return 1
  }
  for (const { member, halts } of reports) for (const halt of halts) console.log(haltText(halt, member))
  const count = reports.reduce((sum, { halts }) => sum + halts.length, 0)
  console.log(`${reports.length} processes answered, ${count} partitions stand still.`)
  return 0
}
