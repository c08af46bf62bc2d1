// The client's end of a WebSocket, over a plain TCP socket: only what a load generator needs, so that one message costs
// it a fraction of what it costs the server. Binary messages, no compression, masked with zeros (a mask hides nothing
// on loopback and skipping it saves a pass over the bytes). Frames made in one turn of the loop leave in one write.

import { createHash, randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'

/** Room before a message for the longest header `send` writes. */
export const FRAME_HEADER_BYTES = 8

const OPCODE_BINARY = 0x2
const OPCODE_CLOSE = 0x8
const OPCODE_PING = 0x9
const OPCODE_PONG = 0xa
const FINAL = 0x80
const MASKED = 0x80
const ACCEPT_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const OPEN_TIMEOUT_MS = 15_000
const CLOSED_ABNORMALLY = 1006
const NOTHING = Buffer.alloc(0)

export interface SocketListener {
  /** The bytes stay valid. */
  message(bytes: Buffer): void
  /** Called once. */
  closed(code: number): void
}

export class WebSocketConnection {
  private readonly socket: Socket
  private readonly listener: SocketListener
  private outgoing: Buffer[] = []
  private unread: Buffer = NOTHING
  private isClosed = false

  /** Use `openWebSocket`. */
  constructor(socket: Socket, listener: SocketListener) {
    this.socket = socket
    this.listener = listener
    socket.on('data', (chunk: Buffer) => this.read(chunk))
    socket.on('error', () => this.closed(CLOSED_ABNORMALLY))
    socket.on('close', () => this.closed(CLOSED_ABNORMALLY))
  }

  get isOpen(): boolean {
    return !this.isClosed
  }

  /**
   * Sends the message that begins FRAME_HEADER_BYTES into `framed`; the bytes before it are written over. The buffer
   * must not be changed afterwards.
   */
  send(framed: Buffer): void {
    this.sendFrame(OPCODE_BINARY, framed)
  }

  /** Sends what was gathered in this turn, now. */
  flush(): void {
    const frames = this.outgoing
    if (frames.length === 0) return
    this.outgoing = []
    const [first = NOTHING] = frames
    if (!this.isClosed) this.socket.write(frames.length === 1 ? first : Buffer.concat(frames))
  }

  close(): void {
    const framed = Buffer.alloc(FRAME_HEADER_BYTES + 2)
    framed.writeUInt16BE(1000, FRAME_HEADER_BYTES)
    this.sendFrame(OPCODE_CLOSE, framed)
    this.flush()
    this.socket.end()
  }

  /** Cuts the connection without a farewell. */
  destroy(): void {
    this.socket.destroy()
  }

  private sendFrame(opcode: number, framed: Buffer): void {
    const length = framed.length - FRAME_HEADER_BYTES
    const start = length < 126 ? 2 : 0
    framed[start] = FINAL | opcode
    if (length < 126) {
      framed[start + 1] = MASKED | length
    } else {
      if (length > 0xffff) throw new RangeError(`a message of ${length} bytes, at most 65535`)
      framed[1] = MASKED | 126
      framed[2] = length >> 8
      framed[3] = length & 0xff
    }
    framed.fill(0, FRAME_HEADER_BYTES - 4, FRAME_HEADER_BYTES)
    if (this.outgoing.length === 0) queueMicrotask(() => this.flush())
    this.outgoing.push(start === 0 ? framed : framed.subarray(start))
  }

  private read(chunk: Buffer): void {
    let bytes = this.unread.length === 0 ? chunk : Buffer.concat([this.unread, chunk])
    let at = 0
    while (bytes.length - at >= 2) {
      const short = (bytes[at + 1] ?? 0) & 0x7f
      const start = at + (short < 126 ? 2 : short === 126 ? 4 : 10)
      if (bytes.length < start) break
      const length =
        short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2))
      const end = start + length
      if (bytes.length < end) break
      this.frame(bytes[at] ?? 0, bytes.subarray(start, end))
      if (this.isClosed) return
      at = end
    }
    if (at > 0) bytes = bytes.subarray(at)
    this.unread = bytes
  }

  private frame(head: number, payload: Buffer): void {
    // Servers under test send whole messages; one in parts would be a changed server, not a slow one.
    if ((head & FINAL) === 0) throw new Error('a fragmented message, which this client does not read')
    switch (head & 0x0f) {
      case OPCODE_BINARY:
        return this.listener.message(payload)
      case OPCODE_PING:
        return this.sendFrame(OPCODE_PONG, Buffer.concat([Buffer.alloc(FRAME_HEADER_BYTES), payload]))
      case OPCODE_CLOSE: {
        const code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005
        this.socket.end()
        return this.closed(code)
      }
    }
  }

  private closed(code: number): void {
    if (this.isClosed) return
    this.isClosed = true
    this.listener.closed(code)
  }
}

/** Connects and upgrades. Rejects where the server does not. */
export function openWebSocket(url: URL, listener: SocketListener): Promise<WebSocketConnection> {
  const key = randomBytes(16).toString('base64')
  const accept = createHash('sha1').update(`${key}${ACCEPT_SUFFIX}`).digest('base64')
  return new Promise((resolve, reject) => {
    const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true })
    const fail = (why: string) => {
      socket.destroy()
      reject(new Error(`${url.host}: ${why}`))
    }
    let head = ''
    const read = (chunk: Buffer): void => {
      head += chunk.toString('latin1')
      const end = head.indexOf('\r\n\r\n')
      if (end === -1) return
      if (!head.startsWith('HTTP/1.1 101') || !head.includes(accept)) return fail(head.split('\r\n', 1)[0] ?? '')
      for (const event of ['data', 'error', 'timeout']) socket.removeAllListeners(event)
      socket.setTimeout(0)
      const connection = new WebSocketConnection(socket, listener)
      const rest = head.slice(end + 4)
      resolve(connection)
      // After `resolve`, so that the caller has the connection before its first message.
      if (rest !== '') queueMicrotask(() => socket.emit('data', Buffer.from(rest, 'latin1')))
    }
    socket.on('data', read)
    socket.on('error', (error) => fail(error.message))
    socket.setTimeout(OPEN_TIMEOUT_MS, () => fail('no answer'))
    socket.write(
      `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
    )
  })
}
