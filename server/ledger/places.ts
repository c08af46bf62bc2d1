// Where things are: which partitions may have an account, which accounts an actor has, and up to where the store answers.

import { accountCode, accountSpec, accountSubject, CHART } from '../../shared/accounts.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { actorKey, partitionOf } from '../../shared/partition.ts'
import { type Head, type LedgerReads, NEWEST } from './ports.ts'
import type { Basis } from './questions.ts'

/** Several where actors of several kinds may own an account of this code; none for a system account. */
export function homesOf(account: string, partitions: number): readonly PartitionId[] {
  const subject = accountSubject(account)
  const owners = accountSpec(account)?.owners ?? []
  return [...new Set(owners.map((kind) => partitionOf(actorKey(kind, subject), partitions)))]
}

/** Whether an account is the one asked for, or of the code: `1003` takes every chain, `2001` every wallet. */
export function isIn(account: string, asked: string): boolean {
  return account === asked || accountCode(account) === asked
}

/** The accounts of its own that an actor may have. */
export function accountsOf(actor: string): readonly string[] {
  const slash = actor.indexOf('/')
  const kind = actor.slice(0, slash)
  const id = actor.slice(slash + 1)
  return [...CHART.values()].filter(({ owners }) => owners.includes(kind)).map(({ code }) => `${code}:${id}`)
}

/** How far the store is with these partitions; null takes all. */
export async function basisOf(reads: LedgerReads, partitions: readonly PartitionId[] | null): Promise<Basis> {
  const heads = (await reads.heads()).filter((head) => partitions === null || partitions.includes(head.partition))
  const times = await Promise.all(heads.map((head) => timeOf(reads, head)))
  return { asOfMs: times.length === 0 ? null : Math.max(...times), positions: heads }
}

async function timeOf(reads: LedgerReads, { partition, seq }: Head): Promise<number> {
  const [record] = await reads.recordsBefore(partition, seq, NEWEST.atMs, 1)
  return record?.atMs ?? 0
}

/** Time of the first record of all; null where there is none. */
export async function firstMsOf(reads: LedgerReads): Promise<number | null> {
  const heads = await reads.heads()
  const times = await Promise.all(heads.map(({ partition }) => reads.firstMs(partition)))
  const known = times.filter((time) => time !== null)
  return known.length === 0 ? null : Math.min(...known)
}
