// What was written in a dispute: shown to the players of its match, and to staff, whose reading is in the audit log.

import { z } from 'zod'
import type { EvidenceTexts } from '../../play/evidenceTexts.ts'
import type { MatchDesk } from '../../play/matchDesk.ts'
import { type Answer, ok, refuse } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import { splitId } from './matchForms.ts'

const evidenceSchema = z.object({
  challenge_id: z.string(),
  evidence: z.array(
    z.object({
      name: z.string().meta({ description: 'SHA-256 of the text, as the ledger has it' }),
      player_id: z.string().nullable(),
      text: z.string().nullable().meta({ description: 'null where it was erased' }),
    }),
  ),
})

const READ = {
  tag: 'disputes',
  rate: 'general',
  method: 'GET',
  params: z.object({ id: z.string().max(100) }),
  responses: { 200: evidenceSchema },
  errors: ['forbidden', 'not_found', 'match.dispute_unknown', 'rate_limited', 'overloaded', 'unavailable'],
} as const

export interface DisputeDesks {
  readonly desk: MatchDesk
  readonly texts: EvidenceTexts
}

export function evidenceRoutes({ desk, texts }: DisputeDesks): readonly Route[] {
  return [
    defineRoute({
      ...READ,
      path: '/challenges/{id}/evidence',
      summary: 'What was written in a dispute, for the players of its match',
      auth: 'player',
      handle: ({ params: { id }, caller }) => shown(desk, texts, id, caller.userId),
    }),
    defineRoute({
      ...READ,
      path: '/admin/challenges/{id}/evidence',
      summary: 'What was written in a dispute, for staff',
      auth: 'staff',
      handle: ({ params: { id } }) => shown(desk, texts, id, null),
    }),
  ]
}

/** `reader`: null for staff. */
async function shown(desk: MatchDesk, texts: EvidenceTexts, id: string, reader: string | null): Promise<Answer> {
  const [match, record] = splitId(id)
  const read = await desk.match(match)
  if (read.kind === 'refused') return refuse(read.code)
  const { disputes, spec } = read.view
  if (reader !== null && spec?.seats.some(({ user }) => user === reader) !== true) return refuse('forbidden')
  const dispute = disputes.find((each) => each.id === record)
  if (dispute === undefined) return refuse('match.dispute_unknown')
  const found = await texts.read(match, dispute)
  if (found === null) return refuse('unavailable')
  const evidence = found.map(({ name, author, text }) => ({ name, player_id: author, text }))
  return ok({ challenge_id: id, evidence } satisfies z.input<typeof evidenceSchema>)
}
