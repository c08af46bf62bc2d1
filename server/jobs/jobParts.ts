// Puts the jobs of a process together: the book, the runner, the daily timer, and the desk that the routes ask.

import type { Clock, Scheduler } from '../../actors/runtime/ports.ts'
import { BookJobDesk, type JobDesk } from './jobDesk.ts'
import { JobRunner } from './jobRunner.ts'
import { JobTimer } from './jobTimer.ts'
import type { Job, JobBook } from './port.ts'

export interface JobsParts {
  readonly book: JobBook
  readonly jobs: readonly Job[]
  readonly clock: Clock
  readonly scheduler: Scheduler
  /** How long after midnight UTC a day is closed; null: no day is. */
  readonly afterMidnightMs: number | null
  /** No other process works on this data set. */
  readonly alone: boolean
  readonly alarm: (event: string, detail: Readonly<Record<string, unknown>>) => void
}

export interface Jobs {
  readonly desk: JobDesk
  /** Begins to look for days that are due. */
  start(): void
  /** Looks now. */
  look(): Promise<void>
  /** Ends what is under way. The book is its owner's to close. */
  stop(): Promise<void>
}

export function createJobs(parts: JobsParts): Jobs {
  const { book, jobs, clock, scheduler, afterMidnightMs, alone, alarm } = parts
  const runner: JobRunner = new JobRunner({ book, jobs, clock, scheduler, alarm }, () => void timer.look())
  const timer = new JobTimer({ book, jobs, runner, clock, scheduler, afterMidnightMs, alone, alarm })
  const desk = new BookJobDesk({ book, jobs, runner, clock, afterMidnightMs, status: () => timer.status })
  return {
    desk,
    start: () => timer.start(),
    look: () => timer.look(),
    async stop() {
      await timer.stop()
      await runner.stop()
    },
  }
}
