// One run of the simulator: a seed and a number of steps give the same world, the same findings and the same trace hash
// on every machine.

import type { Chaos } from './chaos.ts'
import type { Finding } from './coverage.ts'
import { DecreeChaos } from './decreeChaos.ts'
import { DecreeWorld } from './decreeWorld.ts'
import { settle } from './finale.ts'
import { LeaseChaos } from './leaseChaos.ts'
import { LeaseWorld } from './leaseWorld.ts'
import type { World } from './world.ts'

export interface RunResult {
  readonly seed: number
  readonly steps: number
  readonly records: number
  readonly virtualMs: number
  readonly traceHash: string
  readonly counts: ReadonlyMap<string, number>
  /** The first broken invariant, or null. */
  readonly finding: Finding | null
  readonly lastLines: readonly string[]
}

export const DEFAULT_STEPS = 3_000

export async function simulate(seed: number, steps = DEFAULT_STEPS): Promise<RunResult> {
  const { world, chaos } = make(seed)
  const unhandled = (error: unknown): void => world.report.fail('A6', `unhandled: ${stackOf(error)}`)
  process.on('unhandledRejection', unhandled)
  try {
    chaos.start()
    while (world.steps < steps * world.length && world.report.finding === null) await world.step()
    chaos.stop()
    if (world.report.finding === null) await settle(world)
  } catch (error) {
    world.report.fail('A6', stackOf(error))
  } finally {
    process.off('unhandledRejection', unhandled)
  }
  return {
    seed,
    steps: world.steps,
    records: world.report.counts.get('record') ?? 0,
    virtualMs: world.loop.nowMs,
    traceHash: world.traceHash(),
    counts: world.report.counts,
    finding: world.report.finding,
    lastLines: world.lastLines(4_000),
  }
}

/** Odd seeds by decree, even ones by leases. */
function make(seed: number): { readonly world: World; readonly chaos: Chaos } {
  if (seed % 2 === 0) {
    const world = new LeaseWorld(seed)
    return { world, chaos: new LeaseChaos(world) }
  }
  const world = new DecreeWorld(seed)
  return { world, chaos: new DecreeChaos(world) }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
