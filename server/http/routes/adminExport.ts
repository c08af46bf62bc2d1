// The whole ledger as one answer, sent while it is made and while money moves on (docs/ledger.md, "Export"). Its last line
// is the manifest: an answer without it is a part of an export, however it ended.

import { z } from 'zod'
import type { ExportDesk } from '../../export/exportDesk.ts'
import { LINES_FILE } from '../../export/exportFile.ts'
import { refuse } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import { momentOf, momentSchema } from './adminLedgerForms.ts'

const NDJSON = 'application/x-ndjson'

export function adminExportRoute(exports: ExportDesk, nowMs: () => number): Route {
  return defineRoute({
    method: 'GET',
    path: '/admin/ledger/export',
    tag: 'ledger',
    auth: 'staff',
    rate: 'general',
    summary:
      'The whole ledger, or as of a moment, as NDJSON of any length; whole only where the last line is the manifest. One at a time in a process',
    query: z.object({ as_of: momentSchema.optional() }),
    responses: { 200: NDJSON },
    errors: [
      'invalid_request',
      'ledger.as_of_in_future',
      'ledger.as_of_before_first',
      'rate_limited',
      'overloaded',
      'unavailable',
    ],
    async handle({ query, onGone }) {
      const now = nowMs()
      const asOfMs = query.as_of === undefined ? null : momentOf(query.as_of, now)
      if (asOfMs !== null && asOfMs > now) return refuse('ledger.as_of_in_future')
      const opened = await exports.open({ asOfMs, nowMs: now }, onGone)
      switch (opened.kind) {
        case 'opened':
          return { kind: 'stream', status: 200, contentType: NDJSON, fileName: LINES_FILE, source: opened.source }
        case 'as_of_in_future':
        case 'as_of_before_first':
          return refuse(`ledger.${opened.kind}`)
      }
    },
  })
}
