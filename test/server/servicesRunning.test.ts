// `npm run services` with the real programs: all three answer where it says, and when it ends nothing it started is left.

import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { freePort, temporaryFolder } from '../support/server.ts'
import { describeWithServices } from '../support/services.ts'
import { runServicesCommand, startServicesCommand } from '../support/servicesCommand.ts'
import { until } from '../support/until.ts'

describeWithServices(['nats', 'mongo', 'redis'], 'npm run services', () => {
  it('starts all three beside whoever has the ports, and leaves nothing running', async () => {
    const ports = [await freePort(), await freePort(), await freePort()]
    const folder = temporaryFolder()
    const args = ['--data', folder, '--ports', ports.join()]
    const first = startServicesCommand(args)
    await until('the services run', () => first.output().includes('Ctrl-C'), 30_000)
    const pids = pidsIn(first.output())
    expect(pids).to.have.length(3)
    for (const [index, variable] of ['NATS_URL', 'MONGO_URL', 'REDIS_URL'].entries()) {
      expect(first.output()).to.match(
        new RegExp(`^export ${variable}=[a-z]+://127\\.0\\.0\\.1:${ports[index]}/?$`, 'm'),
      )
    }
    expect(readFileSync(join(folder, 'nats.conf'), 'utf8')).to.include('sync_interval: always')

    const again = await runServicesCommand(args)
    expect(again.code).to.equal(1)
    expect(again.output)
      .to.include('is in use by')
      .and.to.include(`kill ${pids.join(' ')}`)

    const beside = startServicesCommand(['--data', temporaryFolder(), '--ports', ports.join()])
    await until('others run beside them', () => beside.output().includes('Ctrl-C'), 30_000)
    expect(beside.output()).to.not.include(`127.0.0.1:${ports[0]} `)
    const all = [...pids, ...pidsIn(beside.output())]
    expect(all.filter(isAlive)).to.have.length(6)

    for (const { child } of [first, beside]) child.kill('SIGTERM')
    expect(await Promise.all([first.ended, beside.ended])).to.deep.equal([0, 0])
    expect(all.filter(isAlive), 'still running').to.deep.equal([])
    for (const port of ports) expect(await answers(port), `port ${port}`).to.equal(false)
  })

  it('ends the others when one ends, and says which', async () => {
    const ports = [await freePort(), await freePort(), await freePort()]
    const services = startServicesCommand(['--data', temporaryFolder(), '--ports', ports.join()])
    await until('the services run', () => services.output().includes('Ctrl-C'), 30_000)
    const pids = pidsIn(services.output())
    process.kill(pids[2] ?? 0, 'SIGKILL')
    expect(await services.ended).to.equal(1)
    expect(services.output()).to.include('redis-server has ended (SIGKILL)')
    expect(pids.filter(isAlive)).to.deep.equal([])
  })
})

function pidsIn(text: string): readonly number[] {
  return [...text.matchAll(/ {2}pid (\d+)/g)].map(([, pid]) => Number(pid))
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
