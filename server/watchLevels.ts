// The runtime's levels, for the metrics of both kinds of process.

import type { Partition } from '../actors/runtime/partition.ts'
import type { Runtime } from '../actors/runtime/runtime.ts'
import type { Metrics } from './metrics.ts'

export function watchLevels(metrics: Metrics, runtime: Runtime): void {
  const sum = (of: (partition: Partition) => number): number =>
    [...runtime.partitions.values()].reduce((total, partition) => total + of(partition), 0)
  metrics.watch('leet_pending_commands', () => sum((partition) => partition.stats.undurable))
  metrics.watch('leet_resident_actors', () => sum((partition) => partition.stats.residents))
  metrics.watch('leet_outbox_envelopes', () => sum((partition) => partition.stats.outbox))
  metrics.watch('leet_projector_lag_records', () => runtime.projectorLag())
}
