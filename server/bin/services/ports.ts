// Ports of loopback: whether one is free, the next that is, and whether somebody answers there.

import { connect, createServer } from 'node:net'
import { HOST } from './commands.ts'

const TRIES = 100

/** The port itself where it is free, else the next one that is. */
export async function freePortFrom(port: number): Promise<number> {
  for (let candidate = port; candidate < Math.min(port + TRIES, 65_536); candidate++) {
    if (await isFree(candidate)) return candidate
  }
  throw new Error(`no port from ${port} on is free`)
}

/** Somebody who listens on every address has it, too, which listening on loopback alone would not tell everywhere. */
async function isFree(port: number): Promise<boolean> {
  if (await answers(port)) return false
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ port, host: HOST, exclusive: true }, () => probe.close(() => resolve(true)))
  })
}

export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, HOST)
    const finish = (answered: boolean): void => {
      socket.destroy()
      resolve(answered)
    }
    socket.once('connect', () => finish(true))
    socket.once('error', () => finish(false))
  })
}
