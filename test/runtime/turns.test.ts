// Turns: never more at a time than there are places, nobody in between, and none held for ever.

import { expect } from 'chai'
import { Turns } from '../../actors/runtime/turns.ts'
import { ManualTime } from '../support/manualTime.ts'
import { START_MS } from '../support/walletBench.ts'

const PATIENCE_MS = 2_000

class Bench {
  readonly time = new ManualTime(START_MS)
  readonly turns = new Turns({ atATime: 2, maxWaiting: 3, patience: { ms: PATIENCE_MS, scheduler: this.time } })
  readonly begun: string[] = []
  private readonly ends = new Map<string, (error?: Error) => void>()

  begin(name: string): Promise<unknown> {
    const ended = this.turns.run(() => {
      this.begun.push(name)
      return new Promise<void>((resolve, reject) =>
        this.ends.set(name, (error) => (error === undefined ? resolve() : reject(error))),
      )
    })
    return ended.catch((error: unknown) => error)
  }

  async end(name: string, error?: Error): Promise<void> {
    this.ends.get(name)?.(error)
    await this.time.settle()
  }
}

describe('turns', () => {
  it('are given to so many at a time, then in the order of arrival, whether or not one fails', async () => {
    const bench = new Bench()
    for (const name of ['a', 'b', 'c', 'd']) void bench.begin(name)
    await bench.time.settle()
    expect([bench.begun, bench.turns.waiting]).to.deep.equal([['a', 'b'], 2])
    await bench.end('b', new Error('broken'))
    expect(bench.begun).to.deep.equal(['a', 'b', 'c'])
    await bench.end('a')
    expect(bench.begun).to.deep.equal(['a', 'b', 'c', 'd'])
  })

  it('beyond those that may wait the next is refused, and nothing of it is begun', async () => {
    const bench = new Bench()
    for (const name of ['a', 'b', 'c', 'd', 'e']) void bench.begin(name)
    expect(await bench.begin('one too many')).to.include({ code: 'overloaded' })
    await bench.end('a')
    void bench.begin('f')
    await bench.time.settle()
    expect([bench.begun, bench.turns.waiting]).to.deep.equal([['a', 'b', 'c'], 3])
  })

  it('a place that is handed on is not taken by who comes in the same moment', async () => {
    const bench = new Bench()
    for (const name of ['a', 'b', 'c']) void bench.begin(name)
    await bench.time.settle()
    const ended = bench.end('a')
    void bench.begin('d')
    await ended
    expect(bench.begun).to.deep.equal(['a', 'b', 'c'])
    await bench.end('b')
    expect(bench.begun).to.deep.equal(['a', 'b', 'c', 'd'])
  })

  it('one that lasts is not waited for, and its end later frees no place twice', async () => {
    const bench = new Bench()
    for (const name of ['stuck', 'stuck too', 'c', 'd', 'e']) void bench.begin(name)
    await bench.time.advance(PATIENCE_MS - 1)
    expect(bench.begun).to.deep.equal(['stuck', 'stuck too'])
    await bench.time.advance(1)
    expect(bench.begun).to.deep.equal(['stuck', 'stuck too', 'c', 'd'])
    await bench.end('stuck')
    await bench.end('stuck too')
    expect(bench.begun, 'their places were given away').to.have.length(4)
    await bench.end('c')
    expect(bench.begun).to.deep.equal(['stuck', 'stuck too', 'c', 'd', 'e'])
  })
})
