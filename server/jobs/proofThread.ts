// The thread of a proof.

import { readCheckpoint } from '../proof/checkpoint.ts'
import { extensionText, proveExtension } from '../proof/extension.ts'
import type { Outcome } from '../proof/outcome.ts'
import { proofText, proveRecord } from '../proof/recordProof.ts'
import { type LedgerSource, openSource } from '../proof/source.ts'
import { serveThread } from './jobThread.ts'
import type { ProofInput, ProofQuestion } from './proofDesk.ts'

async function prove({ target, question }: ProofInput): Promise<Outcome<string>> {
  const opened = await openSource(target)
  if (opened.kind === 'refused') return opened
  try {
    return await proofOf(opened.value, question)
  } finally {
    await opened.value.close()
  }
}

async function proofOf(source: LedgerSource, question: ProofQuestion): Promise<Outcome<string>> {
  const under = readCheckpoint(question.under)
  if (under.kind === 'refused') return under
  if (question.kind === 'record') {
    const proved = await proveRecord(source, question.place, under.value)
    return proved.kind === 'refused' ? proved : { kind: 'done', value: proofText(proved.value) }
  }
  const from = readCheckpoint(question.from)
  if (from.kind === 'refused') return from
  const proved = await proveExtension(source, from.value, under.value)
  return proved.kind === 'refused' ? proved : { kind: 'done', value: extensionText(proved.value) }
}

serveThread(prove)
