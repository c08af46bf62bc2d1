// Reads for staff: who shares the work and how it stands (CONTRACT, Admin HTTP).

import { z } from 'zod'
import type { ClusterReport } from '../../cluster/clusterReport.ts'
import { ok } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import { timeSchema } from '../schemas.ts'

const memberSchema = z.object({
  id: z.string(),
  state: z.enum(['serving', 'draining']),
  address: z.string().nullable().meta({ description: 'host:port for clients, where it has one' }),
  holds: z.int().meta({ description: 'partitions it has, as of its last renewal' }),
  seen_ms_ago: z.int().meta({ description: 'since its lease was seen renewed; 0 for the member that answers' }),
})

const partitionSchema = z.object({
  partition: z.int(),
  epoch: z.int(),
  seq: z.int().meta({ description: 'newest durable record' }),
  lag: z.int().meta({ description: 'records that the store does not have yet' }),
  halted: z.boolean(),
})

const haltSchema = z.object({
  id: z.string(),
  partition: z.int(),
  stage: z.enum(['projector', 'recovery']).meta({ description: 'recovery: the partition does not serve' }),
  seq: z.int().nullable(),
  reason: z.string(),
  at: timeSchema,
})

const clusterSchema = z.object({
  me: z.string().meta({ description: 'the member that answers' }),
  lease_held: z.boolean(),
  members: z.array(memberSchema),
  partitions: z.array(partitionSchema).meta({ description: 'those that the answering member serves' }),
  halts: z.array(haltSchema).meta({ description: 'what waits there for an operator' }),
})

export function adminRoutes(cluster: () => ClusterReport): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/admin/cluster',
      tag: 'admin',
      summary: 'Members, the partitions of the member that answers, and what stands still there',
      auth: 'staff',
      rate: 'general',
      responses: { 200: clusterSchema },
      errors: ['rate_limited'],
      handle: () => ok(clusterBody(cluster())),
    }),
  ]
}

export function clusterBody({ me, leaseHeld, members, partitions, halts }: ClusterReport) {
  return {
    me,
    lease_held: leaseHeld,
    members: members.map(({ seenMsAgo, ...member }) => ({ ...member, seen_ms_ago: seenMsAgo })),
    partitions: [...partitions],
    halts: [...halts],
  } satisfies z.input<typeof clusterSchema>
}
