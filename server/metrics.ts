// The process's figures for Prometheus, in a registry of their own: the runtime reports through its Observer port, HTTP
// through `request`, and levels such as queue depths are read when they are asked for (`watch`).

import { Counter, collectDefaultMetrics, Gauge, type Metric, Registry } from 'prom-client'
import type { Observer } from '../actors/runtime/ports.ts'
import { isErrorCode } from '../shared/errors.ts'
import { AlarmLog } from './alarmLog.ts'
import type { KindStatus } from './jobs/jobTimer.ts'
import { RUN_STATES } from './jobs/port.ts'
import type { Log } from './log.ts'
import { Tally } from './tally.ts'

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]
const RECORDS = [1, 4, 16, 64, 256, 1024, 4096, 16_384]
const BYTES = [256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304]

/** Levels that other parts lend a reader for. */
const LEVELS = {
  leet_pending_commands: 'Commands taken and not yet answered',
  leet_resident_actors: 'Actors in memory',
  leet_outbox_envelopes: 'Envelopes not known to be delivered',
  leet_projector_lag_records: 'Durable records that the store does not have yet',
  leet_members: 'Members that partitions are shared among',
  leet_partitions: 'Partitions that serve here',
  leet_asks_waiting: 'Asks that wait for an owner of their partition',
  leet_projector_halted: 'Partitions whose projector has halted',
  leet_partitions_failing: 'Partitions that belong here and cannot be recovered',
  leet_lease_held: 'Whether this member holds its lease',
  leet_sockets: 'Open WebSocket connections',
  leet_http_in_flight: 'HTTP requests not yet answered',
  leet_matches_live: 'Matches whose loop runs here',
  leet_matches_watched: 'Matches that are watched here',
  leet_redis_ready: 'Whether Redis answers this process: 1, or 0',
} as const

export type Level = keyof typeof LEVELS

export class Metrics {
  readonly #registry = new Registry()
  readonly #commands = new Tally(
    'leet_command_seconds',
    'Time from a command to its answer, which waits for the disk',
    ['kind', 'command', 'outcome'],
    SECONDS,
  )
  readonly #batchRecords = new Tally('leet_batch_records', 'Records per appended batch', [], RECORDS)
  readonly #batchBytes = new Tally('leet_batch_bytes', 'Bytes per appended batch', [], BYTES)
  readonly #appends = new Tally('leet_append_seconds', 'Time of one append to the journal', [], SECONDS)
  readonly #requests = new Tally(
    'leet_http_request_seconds',
    'Time of an HTTP request',
    ['method', 'route', 'status'],
    SECONDS,
  )
  readonly #alarms: Counter<'event'>
  readonly #slowSockets: Counter

  constructor() {
    const registers = [this.#registry]
    collectDefaultMetrics({ register: this.#registry })
    for (const tally of [this.#commands, this.#batchRecords, this.#batchBytes, this.#appends, this.#requests]) {
      // The library's registry asks no more of a metric than Tally has; its types name its own classes only.
      this.#registry.registerMetric(tally as unknown as Metric)
    }
    this.#alarms = new Counter({
      name: 'leet_alarms_total',
      help: 'Events that an operator should look at',
      labelNames: ['event'],
      registers,
    })
    this.#slowSockets = new Counter({
      name: 'leet_slow_sockets_closed_total',
      help: 'WebSocket connections closed because too much waited for their clients to read',
      registers,
    })
    new Counter({
      name: 'leet_refused_total',
      help: 'Commands refused, by code',
      labelNames: ['code'],
      registers,
      collect: refusals(this.#commands),
    })
  }

  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE

  render(): Promise<string> {
    return this.#registry.metrics()
  }

  /** Figures that a part keeps by itself. */
  register(metric: Metric): void {
    this.#registry.registerMetric(metric)
  }

  /** From now on the level is read from here at each scrape. */
  watch(level: Level, read: () => number): void {
    this.#registry.removeSingleMetric(level)
    new Gauge({
      name: level,
      help: LEVELS[level],
      registers: [this.#registry],
      collect() {
        this.set(read())
      },
    })
  }

  /** Of each kind of job: when it was last done, and how its newest run stands. */
  watchJobs(read: () => readonly KindStatus[]): void {
    const registers = [this.#registry]
    new Gauge({
      name: 'leet_job_last_done_seconds',
      help: 'When the newest run that was done had ended, in seconds since 1970; 0 for never',
      labelNames: ['kind'],
      registers,
      collect() {
        for (const { kind, lastDone } of read()) this.set({ kind }, (lastDone?.endedAtMs ?? 0) / 1000)
      },
    })
    new Gauge({
      name: 'leet_job_state',
      help: 'State of the newest run of each kind of job: 1, and 0 for the states it is not in',
      labelNames: ['kind', 'state'],
      registers,
      collect() {
        for (const { kind, last } of read())
          for (const state of RUN_STATES) this.set({ kind, state }, last?.state === state ? 1 : 0)
      },
    })
  }

  /** The same for a level of which there is one for each value of a label. */
  watchEach(name: string, help: string, label: string, read: () => Readonly<Record<string, number>>): void {
    this.#registry.removeSingleMetric(name)
    new Gauge({
      name,
      help,
      labelNames: [label],
      registers: [this.#registry],
      collect() {
        this.reset()
        for (const [value, level] of Object.entries(read())) this.set({ [label]: value }, level)
      },
    })
  }

  request(method: string, route: string, status: number, elapsedMs: number): void {
    this.#requests.observe(elapsedMs / 1000, method, route, String(status))
  }

  committed(records: number, bytes: number, appendMs: number): void {
    this.#batchRecords.observe(records)
    this.#batchBytes.observe(bytes)
    this.#appends.observe(appendMs / 1000)
  }

  answered(kind: string, command: string, outcome: string, elapsedMs: number): void {
    this.#commands.observe(elapsedMs / 1000, kind, command, outcome)
  }

  slowSocketClosed(): void {
    this.#slowSockets.inc()
  }

  alarm(event: string): void {
    this.#alarms.inc({ event })
  }
}

/** Sums the commands by outcome, where that is a registered code. */
function refusals(commands: Tally): (this: Counter<'code'>) => void {
  return function collect() {
    this.reset()
    for (const { labels, count } of commands.counted()) {
      const { outcome = '' } = labels
      if (isErrorCode(outcome)) this.inc({ code: outcome }, count)
    }
  }
}

/** The runtime's port, told on to metrics and log. Alarms are what somebody has to look at; the rest is figures. */
export function createObserver(metrics: Metrics, log: Log): Observer {
  const alarms = new AlarmLog(log)
  return {
    committed(_partition, records, bytes, appendMs) {
      metrics.committed(records, bytes, appendMs)
    },
    answered(kind, command, outcome, elapsedMs) {
      metrics.answered(kind, command, outcome, elapsedMs)
    },
    alarm(event, detail) {
      metrics.alarm(event)
      alarms.tell(event, detail)
    },
  }
}
