// Starts the echo room in a process of its own.

import { fork } from 'node:child_process'
import { join } from 'node:path'
import { isObject, textField } from '../client/httpClient.ts'
import { ROOT } from '../server.ts'

export interface EchoProcess {
  readonly pid: number
  readonly url: string
  stop(): Promise<void>
}

export async function startEcho(): Promise<EchoProcess> {
  const child = fork(join(ROOT, 'loadtest/echo/echoServer.ts'), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: { PATH: process.env.PATH },
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const message = await Promise.race([
    new Promise<unknown>((resolve) => child.once('message', resolve)),
    exited.then(() => {
      throw new Error('the echo server ended before it was ready')
    }),
  ])
  if (!isObject(message)) throw new Error('the echo server does not say where it is')
  return {
    pid: child.pid ?? 0,
    url: textField(message, 'url'),
    async stop() {
      child.disconnect()
      await exited
    },
  }
}
