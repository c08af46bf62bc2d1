// (4): the core without sockets.

import { fork } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../server.ts'
import type { CoreOrder, CoreOutcome } from './coreRun.ts'
import type { PartResult } from './figures.ts'
import type { Scale } from './scale.ts'
import { audit, onStage } from './stage.ts'

const IN_FLIGHT = 4_096

/** The journal's file in a data folder, as the server names it. */
export const journalFile = (dataDir: string): string => join(dataDir, 'journal.db')

export async function corePart(scale: Scale): Promise<PartResult> {
  return onStage(async ({ dataDir }) => {
    const wallets = Array.from({ length: scale.coreWallets }, (_, index) => `w_core${String(index).padStart(6, '0')}`)
    const outcome = await runCore({
      journalFile: journalFile(dataDir),
      wallets,
      warmUpMs: scale.warmUpMs,
      measureMs: scale.coreMs,
      records: 0,
      inFlight: IN_FLIGHT,
    })
    return {
      part: 'core',
      title: `(4) The core without sockets: runtime and journal in one process, ${IN_FLIGHT} transfers in flight`,
      figures: [
        {
          name: 'core, durable records',
          value: (2 * outcome.transfers) / outcome.seconds,
          unit: '/s',
          target: { least: 100_000 },
          note: 'two for each transfer whose both records are durable',
        },
        {
          name: 'CPU per record',
          value: (outcome.cpuMs * 1000) / outcome.records,
          unit: 'µs',
          note: 'all threads of the process',
        },
        { name: 'records per append', value: outcome.records / outcome.batches, unit: '' },
      ],
      audit: await audit(dataDir),
    }
  })
}

/** Runs the core in a process of its own, so that neither memory nor compiled code of the load is in the figure. */
export function runCore(order: CoreOrder): Promise<CoreOutcome> {
  return runApart<CoreOrder, CoreOutcome>('coreRun.ts', order)
}

/** One order to a script of this folder, one outcome from it. */
export function runApart<Order extends { readonly journalFile: string }, Outcome>(
  script: string,
  order: Order,
): Promise<Outcome> {
  mkdirSync(join(order.journalFile, '..'), { recursive: true })
  // The young generation as `npm start` has it.
  const execArgv = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=32']
  const child = fork(join(ROOT, 'loadtest/bench', script), { execArgv })
  process.once('exit', () => child.kill('SIGKILL'))
  return new Promise((resolve, reject) => {
    child.once('message', (outcome) => resolve(outcome as Outcome)) // the one message that the script sends
    child.once('exit', (code) => reject(new Error(`${script} ended with ${code} and no outcome`)))
    child.send(order)
  })
}
