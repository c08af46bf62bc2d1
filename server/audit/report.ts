// What `npm run verify` prints: a short table for people, or the same as JSON.

import { ALL_NFTS, findAsset, formatAmount, isNft } from '../../shared/assets.ts'
import type { ChainReport } from '../staff/chainCheck.ts'
import type { DataSetReport } from './dataset.ts'
import type { AssetTotals } from './summary.ts'
import type { Violation } from './violation.ts'

/** What was audited: a data folder, or a data set on services by its name. */
export type Audited = { readonly folder: string } | { readonly dataSet: string }

/** `staff`: the line of the audit log of staff; null where it was not looked at. */
export function reportText(audited: Audited, report: DataSetReport, staff: string | null = null): string {
  const { summary, store, violation, elapsedMs } = report
  const perSecond = Math.round((summary.records / Math.max(1, elapsedMs)) * 1000)
  const lines = [
    `data set     ${'folder' in audited ? audited.folder : `${audited.dataSet}, on NATS and MongoDB`}`,
    `partitions   ${report.partitions}, ${summary.partitions.length} with records`,
    `records      ${count(summary.records)} in ${count(summary.batches)} batches (${count(summary.refused)} refused, ${count(summary.parked)} parked)`,
    `hash chains  ${summary.partitions.length} heads, ${count(summary.bytes)} bytes`,
    `accounts     ${count(summary.accounts)}, timers ${count(summary.timers)}, undelivered envelopes ${count(summary.undelivered)}`,
    store === null
      ? 'store        none here: the journal alone was checked'
      : `store        ${count(store.checkpointRecords)} records projected; equal to replay: ${count(store.actorSnapshots)} actor and ${count(store.partitionSnapshots)} partition snapshots, ${count(store.entries)} entries, ${count(store.keys)} keys`,
    ...assetTable(summary.assets),
    `time         ${(elapsedMs / 1000).toFixed(1)} s, ${count(perSecond)} records/s`,
    ...(staff === null ? [] : [staff]),
    violation === null ? 'ledger is sound' : violationText(audited, violation),
  ]
  return lines.join('\n')
}

function violationText(audited: Audited, violation: Violation): string {
  return `BROKEN ${violation.invariant} at ${violation.at}: ${violation.message}\nremedy: ${remedyOf(audited, violation)}`
}

export function reportJson(audited: Audited, report: DataSetReport, staff: ChainReport | null = null): string {
  const remedy = report.violation === null ? null : remedyOf(audited, report.violation)
  const sound = report.violation === null && (staff?.broken ?? null) === null
  const plain = { ...audited, sound, ...report, auditLog: staff, remedy }
  return JSON.stringify(plain, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value), 2)
}

function remedyOf(audited: Audited, { invariant, part, message }: Violation): string {
  const remedies = 'folder' in audited ? FOLDER_REMEDIES : SERVICE_REMEDIES
  if (part === 'store') return message.includes('ahead of the journal') ? remedies.lostEnd : remedies.store
  return invariant.startsWith('J') ? remedies.journal : remedies.books
}

const FOLDER_REMEDIES = {
  store:
    'the journal is sound as far as it was read: with the server stopped, delete store.db, store.db-wal and store.db-shm; the next start makes them again from the journal',
  lostEnd:
    'the journal has lost its end, or is an older copy: restore the journal.db and journal.db-wal that belong to this store; deleting the store would only hide the loss',
  journal: 'keep this folder as it is, and restore journal.db and journal.db-wal from a backup',
  books:
    'the log says this itself, so no copy of it is better: keep the server stopped and this folder as it is, and look into the record named',
} as const

const SERVICE_REMEDIES = {
  store:
    'the journal is sound as far as it was read: with every server stopped, drop the collections records, batches, actors, keys, partitions, partition_parts, unsettled and checkpoints, and no others; the next start makes them again from the journal',
  lostEnd:
    'the journal has lost its end, or is an older copy: restore the streams that belong to this store; dropping its collections would only hide the loss',
  journal: 'stop every server, keep the streams as they are, and restore them from a backup',
  books:
    'the log says this itself, so no copy of it is better: keep every server stopped and the streams as they are, and look into the record named',
} as const

function assetTable(assets: readonly AssetTotals[]): readonly string[] {
  if (assets.length === 0) return []
  const head = ['asset', 'owned', 'debits', 'credits', 'transit', 'undelivered', 'parked', 'trial balance']
  const rows = nftsTogether(assets).map((row) => {
    const shown = (minor: bigint): string => {
      const asset = findAsset(row.asset)
      return asset === null ? minor.toString() : formatAmount(minor, asset)
    }
    const { debitMinor, creditMinor, ownedMinor, transitMinor, undeliveredMinor, parkedMinor } = row
    const amounts = [ownedMinor, debitMinor, creditMinor, transitMinor, undeliveredMinor, parkedMinor].map(shown)
    return [row.asset, ...amounts, debitMinor === creditMinor ? 'balanced' : 'OFF']
  })
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
  return ['', line(head), ...rows.map(line), '']
}

/** There may be very many: they are shown as one asset, as a checkpoint does. */
function nftsTogether(assets: readonly AssetTotals[]): readonly AssetTotals[] {
  const nfts = assets.filter(({ asset }) => isNft(asset))
  const [first, ...more] = nfts
  if (first === undefined) return assets
  const sum = { ...first, asset: ALL_NFTS }
  for (const row of more) {
    sum.debitMinor += row.debitMinor
    sum.creditMinor += row.creditMinor
    sum.ownedMinor += row.ownedMinor
    sum.transitMinor += row.transitMinor
    sum.undeliveredMinor += row.undeliveredMinor
    sum.parkedMinor += row.parkedMinor
  }
  return [...assets.filter(({ asset }) => !isNft(asset)), sum]
}

function count(value: number): string {
  return value.toString().replace(/\B(?=(\d{3})+$)/g, ',')
}
