// Frames of one turn leave together, in order; what is sent while others are being written is not left behind.

import { expect } from 'chai'
import { CorkedSends } from '../../server/http/corkedSends.ts'

type Frame = string | ArrayBuffer

class Socket {
  readonly events: string[] = []
  onWritten: () => void = () => {}

  send(frame: Frame): number {
    this.events.push(`send ${String(frame)}`)
    this.onWritten()
    return 1
  }

  cork(write: () => void): this {
    this.events.push('cork')
    write()
    return this
  }

  end(): void {
    this.events.push('end')
  }

  close(): void {
    this.events.push('close')
  }
}

function corked(): { readonly socket: Socket; send(frame: string): void } {
  const socket = new Socket()
  sends.take(socket)
  return { socket, send: (frame) => (socket.send as (frame: Frame, isBinary: boolean) => number)(frame, true) }
}

const sends = new CorkedSends()
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('corked sends', () => {
  it('frames of one turn leave together and in order', async () => {
    const { socket, send } = corked()
    for (const frame of ['a', 'b', 'c']) send(frame)
    expect(socket.events).to.deep.equal([])
    await turn()
    expect(socket.events).to.deep.equal(['cork', 'send a', 'send b', 'send c'])
  })

  it('what was sent before an end or a close leaves before it, once', async () => {
    for (const last of ['end', 'close'] as const) {
      const { socket, send } = corked()
      send('a')
      socket[last]()
      await turn()
      expect(socket.events).to.deep.equal(['send a', last])
    }
  })

  it('what is sent while another socket is written to is not left behind', async () => {
    const [first, second] = [corked(), corked()]
    second.socket.onWritten = () => {
      second.socket.onWritten = () => {}
      first.send('late')
    }
    first.send('a')
    second.send('b')
    await turn()
    expect(first.socket.events).to.deep.equal(['send a', 'send late'])
    first.send('later')
    await turn()
    expect(first.socket.events.at(-1)).to.equal('send later')
  })
})
