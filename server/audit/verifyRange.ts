// `npm run verify -- --partition N --from SEQ --to SEQ`: partitions through a range of their records, beside running
// servers as well.

import { DataSetError } from '../dataSetError.ts'
import { openSource } from '../proof/source.ts'
import { auditRange, RANGE_LEAVES_OUT, type RangeReport, type SeqRange } from './rangeAudit.ts'
import type { Target } from './target.ts'

export interface RangeRequest extends SeqRange {
  /** Empty: all of them. */
  readonly partitions: readonly number[]
}

/** Null where no range was asked for. Throws TypeError, with a line, where it makes no sense. */
export function rangeRequest(values: {
  readonly partition?: string[] | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
}): RangeRequest | null {
  const { partition: named, from, to } = values
  if (named === undefined && from === undefined && to === undefined) return null
  const partitions = (named ?? []).map((text) => wholeNumber('--partition', text, 0))
  const fromSeq = from === undefined ? 1 : wholeNumber('--from', from, 1)
  const toSeq = to === undefined ? null : wholeNumber('--to', to, 1)
  if (toSeq !== null && toSeq < fromSeq) throw new TypeError('--to is before --from')
  return { partitions: [...new Set(partitions)], fromSeq, toSeq }
}

/** Prints a line for each partition, or one document. Answers the exit code. */
export async function verifyRange(target: Target, request: RangeRequest, json: boolean): Promise<number> {
  const opened = await openSource(target)
  if (opened.kind === 'refused') return refused(opened.why)
  const source = opened.value
  const reports: RangeReport[] = []
  try {
    const strange = request.partitions.find((partition) => partition >= source.partitions)
    if (strange !== undefined) {
      const remedy = `They are 0 to ${source.partitions - 1}`
      throw new DataSetError(`partition ${strange}`, 'is none of this data set', remedy)
    }
    for (const partition of request.partitions.length > 0 ? request.partitions : Array(source.partitions).keys()) {
      const report = await auditRange(source, partition, request)
      reports.push(report)
      if (!json) console.log(lineOf(report))
      if (report.violation !== null) break
    }
  } finally {
    await source.close()
  }
  const sound = reports.every(({ violation }) => violation === null)
  if (json) console.log(JSON.stringify({ sound, partitions: reports, not_checked: RANGE_LEAVES_OUT }, null, 2))
  else console.log(sound ? `sound as far as it goes; not checked: ${RANGE_LEAVES_OUT.join(', ')}` : 'NOT SOUND')
  return sound ? 0 : 1
}

function lineOf({ partition, records, seq, head, violation }: RangeReport): string {
  if (violation !== null) return `BROKEN ${violation.invariant} at ${violation.at}: ${violation.message}`
  return `partition ${partition}: ${records} records checked, chain followed through ${partition}:${seq}, head ${head}`
}

function refused(why: string): number {
  console.error(`BROKEN J3: ${why}`)
  return 1
}

function wholeNumber(option: string, text: string, least: number): number {
  if (!/^\d{1,15}$/.test(text) || Number(text) < least)
    throw new TypeError(`${option} takes a whole number from ${least}`)
  return Number(text)
}
