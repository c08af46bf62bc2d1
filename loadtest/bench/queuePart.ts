// (12), (13): queues and settlements without sockets.

import { loadavg } from 'node:os'
import { RULES } from '../../shared/rules.ts'
import { journalFile, runApart } from './corePart.ts'
import type { Figure, PartResult } from './figures.ts'
import type { PlayOrder, PlayOutcome } from './playRun.ts'
import { arrivals, Crowd, type CrowdOutcome, ideal } from './queueCrowd.ts'
import type { Scale } from './scale.ts'
import { audit, onStage } from './stage.ts'
import { stubbornLooks } from './stubbornCrowd.ts'

const IN_FLIGHT = 1_024
const SEED = 7
const TICKETS_PER_SECOND = 1_000
const SETTLED_WITHIN_S = 5
const STEP_WITHIN_MS = 10

/** Tickets into six regional pools: decided alone, against a matcher that sees every moment; then through the journal. */
export function queuePart({ queueTickets }: Scale): Promise<PartResult> {
  return onStage(async ({ dataDir }) => {
    const duels = pure('1v1', 'duel.bo3.1v1', queueTickets, queueTickets / 60)
    const teams = pure('5v5', 'arena.5v5.5v5', queueTickets, queueTickets / 60)
    const order: PlayOrder = {
      journalFile: journalFile(dataDir),
      what: 'queue',
      count: queueTickets,
      inFlight: IN_FLIGHT,
    }
    const outcome = await runApart<PlayOrder, PlayOutcome>('playRun.ts', order)
    const tickets = queueTickets.toLocaleString('en-US')
    return {
      part: 'queue',
      title: `(12) Queues: ${tickets} tickets into six regional pools`,
      figures: [
        ...duels,
        ...teams,
        ...looks(),
        {
          name: 'durable: tickets with a match',
          value: queueTickets / outcome.seconds,
          unit: '/s',
          target: { least: TICKETS_PER_SECOND },
          note: `1v1 of new players, ${IN_FLIGHT} in flight, runtime and journal in one process`,
        },
        { name: 'durable: ask to proposal, p50', value: percentile(outcome.waitsMs, 50), unit: 'ms' },
        { name: 'durable: ask to proposal, p95', value: percentile(outcome.waitsMs, 95), unit: 'ms' },
        {
          name: 'durable: CPU per ticket',
          value: (outcome.cpuMs * 1000) / queueTickets,
          unit: 'µs',
          note: 'all threads',
        },
        { name: 'durable: records per ticket', value: outcome.records / queueTickets, unit: '' },
        load(),
      ],
      audit: await audit(dataDir),
    }
  })
}

/** As many as a pool takes at most. */
function looks(): readonly Figure[] {
  return stubbornLooks(RULES.maxTicketsPerPool).map(({ crowd, meanMs, longestMs }) => ({
    ...{ name: `a step of a look, ${crowd}`, value: meanMs, unit: 'ms', target: { most: STEP_WITHIN_MS } },
    note: `${RULES.maxTicketsPerPool.toLocaleString('en-US')} waiting; the longest ${longestMs.toFixed(1)} ms`,
  }))
}

function pure(format: string, pool: string, count: number, perSecond: number): readonly Figure[] {
  const pools = RULES.regions.map((region) => `${pool}.${region}.USD.0`)
  // Once for the compiler.
  new Crowd(pools).live(arrivals(count, perSecond, pools.length, SEED + 1))
  const coming = arrivals(count, perSecond, pools.length, SEED)
  const found = new Crowd(pools).live(coming)
  return [
    {
      name: `${format}, decided: tickets matched`,
      value: (found.waitsMs.length * 1000) / found.processorMs,
      unit: '/s',
      target: { least: TICKETS_PER_SECOND },
      note: `decide and evolve alone; ${Math.round(perSecond)} arrive a second of the crowd's time`,
    },
    { name: `${format}, decided: longest command`, value: found.longestMs, unit: 'ms' },
    ...shape(format, 'queue', found),
    ...shape(format, 'ideal', ideal(coming, 2 * Number(format[0]))),
    { name: `${format}: never matched`, value: found.unmatched, unit: '' },
  ]
}

function shape(format: string, who: string, found: Pick<CrowdOutcome, 'waitsMs' | 'spreads'>): readonly Figure[] {
  const { waitsMs, spreads } = found
  return [
    { name: `${format}, ${who}: wait, mean`, value: mean(waitsMs) / 1000, unit: 's' },
    { name: `${format}, ${who}: wait, p95`, value: percentile(waitsMs, 95) / 1000, unit: 's' },
    { name: `${format}, ${who}: wait, p99`, value: percentile(waitsMs, 99) / 1000, unit: 's' },
    { name: `${format}, ${who}: rating spread, mean`, value: mean(spreads), unit: 'points' },
    { name: `${format}, ${who}: rating spread, p95`, value: percentile(spreads, 95), unit: 'points' },
  ]
}

/** Matches of ten that end at the same moment. */
export function settlePart({ settleMatches }: Scale): Promise<PartResult> {
  return onStage(async ({ dataDir }) => {
    const order: PlayOrder = {
      journalFile: journalFile(dataDir),
      what: 'settle',
      count: settleMatches,
      inFlight: IN_FLIGHT,
    }
    const outcome = await runApart<PlayOrder, PlayOutcome>('playRun.ts', order)
    const matches = settleMatches.toLocaleString('en-US')
    const note = 'five winners each; also ratings of all, and their being free again'
    return {
      part: 'settle',
      title: `(13) Settlement: ${matches} staked matches of 10 end in the same moment`,
      figures: [
        {
          name: 'until every payout is durable',
          value: outcome.seconds,
          unit: 's',
          target: { most: SETTLED_WITHIN_S },
          note,
        },
        { name: 'until half of them are', value: outcome.halfSeconds, unit: 's' },
        { name: 'payouts', value: (5 * settleMatches) / outcome.seconds, unit: '/s' },
        { name: 'durable records', value: outcome.records / outcome.seconds, unit: '/s' },
        { name: 'CPU per match', value: outcome.cpuMs / settleMatches, unit: 'ms', note: 'all threads' },
        load(),
      ],
      audit: await audit(dataDir),
    }
  })
}

function load(): Figure {
  return { name: 'load average at the end', value: loadavg()[0] ?? 0, unit: '' }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}

function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? 0
}
