// A thread whose work can wait: where the machine is busy, commands have it first. What it does is bounded by its own
// means, so it is slower then, and never starved.

import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'

/** Of Linux: 0 is everybody's, 19 the last. About a tenth of what a thread of 0 gets where both want a core. */
const NICE = 10

/** Called by the thread itself. Elsewhere than on Linux, where a thread has no priority of its own, nothing happens. */
export function yieldToOthers(): void {
  try {
    const [tid] = /\d+$/.exec(readlinkSync('/proc/thread-self')) ?? []
    if (tid !== undefined) setPriority(Number(tid), NICE)
  } catch {
    // It works as the others do.
  }
}
