// What one turn of the event loop sends to one socket leaves in one system call: an answer and the pushes that follow
// it, or the answers of one commit. uWebSockets writes each frame by itself otherwise, and that is the dearest thing
// the main thread does. The order per socket is kept, and what was sent before a close leaves before it. A frame's bytes
// belong to it alone until the end of the turn: Colyseus makes a copy for each message and reply.

import type { WebSocket } from 'uWebSockets.js'

type Frame = Parameters<WebSocket<unknown>['send']>[0]

interface Corkable {
  send(frame: Frame, isBinary?: boolean, compress?: boolean): number
  end(code?: number, message?: Frame): void
  close(): void
  cork(write: () => void): unknown
}

const SENT = 1
/** Too much waits for the client already: the frame is lost, and uWebSockets closes the socket. */
const DROPPED = 2

export class CorkedSends {
  private readonly onSlow: () => void
  private waiting = new Set<Outgoing>()

  /** `onSlow` hears once of each socket that is closed because too much waits for its client (A5). */
  constructor(onSlow: () => void = () => {}) {
    this.onSlow = onSlow
  }

  /** From now on the socket's frames wait for the end of the turn. */
  take(socket: Corkable): void {
    const sendNow = socket.send.bind(socket)
    let slow = false
    const outgoing: Outgoing = {
      frames: [],
      socket,
      send: (frame, isBinary, compress) => {
        const outcome = sendNow(frame, isBinary, compress)
        if (outcome === DROPPED && !slow) {
          slow = true
          this.onSlow()
        }
        return outcome
      },
    }
    const end = socket.end.bind(socket)
    const close = socket.close.bind(socket)
    socket.send = (frame, isBinary) => {
      // Colyseus sends binary frames only.
      if (isBinary !== true) return outgoing.send(frame, isBinary)
      if (outgoing.frames.push(frame) === 1) this.wait(outgoing)
      return SENT
    }
    socket.end = (code, message) => {
      this.waiting.delete(outgoing)
      write(outgoing)
      end(code, message)
    }
    socket.close = () => {
      this.waiting.delete(outgoing)
      write(outgoing)
      close()
    }
  }

  private wait(outgoing: Outgoing): void {
    if (this.waiting.size === 0) process.nextTick(() => this.flush())
    this.waiting.add(outgoing)
  }

  private flush(): void {
    // A write may close a socket, and what hears of that may send: such frames have a flush of their own.
    const { waiting } = this
    this.waiting = new Set()
    for (const outgoing of waiting) write(outgoing)
  }
}

interface Outgoing {
  frames: Frame[]
  readonly socket: Corkable
  readonly send: Corkable['send']
}

function write(outgoing: Outgoing): void {
  const { frames, socket, send } = outgoing
  if (frames.length === 0) return
  outgoing.frames = []
  try {
    const [only] = frames
    if (frames.length === 1 && only !== undefined) send(only, true, false)
    else
      socket.cork(() => {
        for (const frame of frames) send(frame, true, false)
      })
  } catch {
    // The socket has closed meanwhile: its close event has been, or comes.
  }
}
