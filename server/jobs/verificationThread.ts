// The thread of a verification.

import { computeFigures } from '../proof/figures.ts'
import { openSource } from '../proof/source.ts'
import { serveThread } from './jobThread.ts'
import type { JobResult } from './port.ts'
import type { VerificationInput } from './verification.ts'

async function verify({ target }: VerificationInput): Promise<JobResult> {
  const opened = await openSource(target)
  if (opened.kind === 'refused') throw new Error(opened.why)
  const source = opened.value
  try {
    const computed = await computeFigures(source, null)
    const violation = computed.kind === 'computed' ? null : computed.violation
    const summary = { sound: violation === null, violation: violation === null ? null : { ...violation } }
    return { summary, document: null, documentType: null, alarm: null }
  } finally {
    await source.close()
  }
}

serveThread(verify)
