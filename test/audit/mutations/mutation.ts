// One way to damage the sample log, and the small tools for it.

import { expect } from 'chai'
import type { WireRecord } from '../../support/logBuilder.ts'
import type { SampleLog, SampleRecord } from '../../support/sampleLog.ts'

export interface Mutation {
  readonly breaks: string
  readonly invariant: string
  /** The record at which it has to be found; `lastEpochStart` is the first of the last batch of partition 0. */
  readonly at: SampleRecord | 'lastEpochStart'
  damage(sample: SampleLog): void
}

export const entry = (record: WireRecord, index: number) => record.en?.[index] ?? expect.fail('no such entry')
export const envelope = (record: WireRecord) => record.out?.[0] ?? expect.fail('no envelope')

/** Moves an amount and both balances, so that the record itself still adds up. */
export function change(record: WireRecord, amount: bigint): void {
  for (const row of record.en ?? []) {
    const step = amount - BigInt(row[3])
    const raises = (row[2] === 'D') === row[0].startsWith('1')
    row[3] = `${amount}`
    row[4] = `${BigInt(row[4]) + (raises ? step : -step)}`
  }
}

export const rename = (record: WireRecord, index: number, account: string) => {
  entry(record, index)[0] = account
}
