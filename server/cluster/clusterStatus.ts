// What a process in a cluster tells of itself: whether it can serve, for load balancers; its members, partitions, epochs
// and lag, for operators and their figures.

import type { Membership } from '../../actors/cluster/membership.ts'
import type { Ownership } from '../../actors/cluster/ownership.ts'
import type { Router } from '../../actors/cluster/router.ts'
import type { Runtime } from '../../actors/runtime/runtime.ts'
import type { Halts } from '../halts.ts'
import type { Metrics } from '../metrics.ts'
import type { NatsLink } from '../nats/natsLink.ts'
import type { ClusterProjector } from './clusterProjector.ts'
import { type ClusterReport, partitionReports } from './clusterReport.ts'

export interface StatusParts {
  readonly me: string
  readonly membership: Membership
  readonly ownership: Ownership
  readonly runtime: Runtime
  readonly router: Router
  readonly projector: ClusterProjector
  readonly halts: Halts
  readonly link: NatsLink
  readonly partitions: number
}

export class ClusterStatus {
  private readonly parts: StatusParts

  constructor(parts: StatusParts) {
    this.parts = parts
  }

  checks(): Readonly<Record<string, string>> {
    const { link, membership, projector } = this.parts
    return {
      journal: link.connected ? 'ok' : 'not connected',
      lease: membership.held() ? 'ok' : 'lapsed',
      partitions: this.parts.ownership.missing === 0 ? 'ok' : this.missingText,
      store: projector.ok ? 'ok' : 'projector halted',
    }
  }

  /** Resolves once this member serves its share, has to stop, or after `limitMs`. */
  async untilServing(stopping: AbortSignal, limitMs: number, pollMs: number): Promise<void> {
    const untilMs = performance.now() + limitMs
    while (performance.now() < untilMs && !stopping.aborted) {
      // Those that cannot be recovered are not waited for: the others serve.
      const failing = this.parts.halts.at('recovery').length
      if (this.parts.membership.held() && this.parts.ownership.missing <= failing) return
      await new Promise((resolve) => setTimeout(resolve, pollMs))
    }
  }

  report(): ClusterReport {
    const { me, membership, runtime, projector, halts } = this.parts
    const now = performance.now()
    const others = membership.known.map(({ id, value, seenMs }) => ({
      id,
      ...value,
      seenMsAgo: Math.round(now - seenMs),
    }))
    const own = { id: me, ...membership.value, seenMsAgo: 0 }
    return {
      me,
      leaseHeld: membership.held(),
      members: [own, ...others].sort((a, b) => (a.id < b.id ? -1 : 1)),
      partitions: partitionReports({ runtime, projector, halts }),
      halts: halts.list,
    }
  }

  watch(metrics: Metrics): void {
    const { membership, runtime, router, projector } = this.parts
    metrics.watch('leet_members', () => membership.eligible.length)
    metrics.watch('leet_partitions', () => runtime.partitions.size)
    metrics.watch('leet_asks_waiting', () => router.waiting)
    metrics.watch('leet_projector_halted', () => projector.haltedPartitions.length)
    metrics.watch('leet_partitions_failing', () => this.parts.halts.at('recovery').length)
    metrics.watch('leet_lease_held', () => (membership.held() ? 1 : 0))
  }

  private get missingText(): string {
    const failing = this.parts.halts.at('recovery').map(({ partition }) => partition)
    return failing.length === 0 ? 'taking over' : `cannot be recovered: ${failing.join(', ')}`
  }
}
