// A lean client of a Colyseus 0.18 room: joins over HTTP, then speaks the room protocol over one socket. The same code
// plays the echo room and the wallet room, so that their figures compare. Requests are answered by a callback; pushes
// are decoded only where somebody listens.

import { Packr, RESERVE_START_SPACE, unpack } from 'msgpackr'
import { type HttpClient, textField } from './httpClient.ts'
import { FRAME_HEADER_BYTES, openWebSocket, type WebSocketConnection } from './webSocket.ts'

const JOIN_ROOM = 10
const ERROR = 11
const ROOM_DATA = 13
const PING = 18
const ROOM_REQUEST = 21
const ROOM_RESPONSE = 22
const STATUS_OK = 0
const MAX_REQUESTS = 0x10000

/** `payload` is what the handler answered, or the error it refused with. */
export type ReplyHandler = (ok: boolean, payload: unknown) => void
export type PushHandler = (payload: unknown) => void

const packr = new Packr({ useRecords: false })

export class RoomClient {
  /** Called once when the connection ends, however it does. */
  onClosed: (code: number) => void = () => {}
  private connection: WebSocketConnection | null = null
  private joined: (() => void) | null = null
  private nextRequest = 0
  private readonly pending = new Map<number, ReplyHandler>()
  private readonly pushes = new Map<string, PushHandler>()
  private readonly typeBytes = new Map<string, Buffer>()

  get isOpen(): boolean {
    return this.connection?.isOpen === true
  }

  get inFlight(): number {
    return this.pending.size
  }

  /** Set before joining, or the first pushes are missed. */
  onPush(type: string, handler: PushHandler): void {
    this.pushes.set(type, handler)
  }

  async join(http: HttpClient, room: string, token: string): Promise<void> {
    const seat = await http.expect('POST', `/matchmake/joinOrCreate/${room}`, token)
    const url = new URL(`/${textField(seat, 'processId')}/${textField(seat, 'roomId')}`, http.origin)
    url.searchParams.set('sessionId', textField(seat, 'sessionId'))
    if (token !== '') url.searchParams.set('_authToken', token)
    let failed: (error: Error) => void = () => {}
    const ready = new Promise<void>((resolve, reject) => {
      this.joined = resolve
      failed = reject
    })
    this.connection = await openWebSocket(url, {
      message: (bytes) => this.heard(bytes),
      closed: (code) => {
        failed(new Error(`${room}: the server closed the connection (${code})`))
        this.pending.clear()
        this.onClosed(code)
      },
    })
    await ready
  }

  /** Sends a request; its handler is not called where the connection ends before the answer. */
  request(type: string, payload: unknown, handler: ReplyHandler): void {
    const { connection } = this
    if (connection === null) throw new Error('the room is not joined')
    const id = this.nextRequest
    this.nextRequest = (id + 1) % MAX_REQUESTS
    if (this.pending.size >= MAX_REQUESTS) throw new Error('too many requests without an answer')
    this.pending.set(id, handler)
    const name = this.encodedType(type)
    const idBytes = id < 0x80 ? 1 : id < 0x100 ? 2 : 3
    const reserved = FRAME_HEADER_BYTES + 1 + idBytes + name.length
    const framed = packr.pack(payload, RESERVE_START_SPACE | reserved)
    framed[FRAME_HEADER_BYTES] = ROOM_REQUEST
    writeNumber(framed, FRAME_HEADER_BYTES + 1, id)
    framed.set(name, FRAME_HEADER_BYTES + 1 + idBytes)
    connection.send(framed)
  }

  ask(type: string, payload: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.request(type, payload, (ok, answer) => (ok ? resolve(answer) : reject(new RefusedError(answer))))
    })
  }

  close(): void {
    this.connection?.close()
  }

  destroy(): void {
    this.connection?.destroy()
  }

  private encodedType(type: string): Buffer {
    let bytes = this.typeBytes.get(type)
    if (bytes === undefined) {
      bytes = Buffer.concat([Buffer.from([0xa0 | type.length]), Buffer.from(type, 'latin1')])
      this.typeBytes.set(type, bytes)
    }
    return bytes
  }

  private heard(bytes: Buffer): void {
    switch (bytes[0]) {
      case ROOM_RESPONSE:
        return this.answered(bytes)
      case ROOM_DATA:
        return this.pushed(bytes)
      case JOIN_ROOM:
        this.connection?.send(Buffer.concat([Buffer.alloc(FRAME_HEADER_BYTES), Buffer.from([JOIN_ROOM])]))
        this.joined?.()
        return
      case ERROR:
        throw new Error(`the room answered an error: ${bytes.subarray(1).toString('latin1')}`)
      case PING:
        return
    }
  }

  private answered(bytes: Buffer): void {
    const [id, at] = readNumber(bytes, 1)
    const handler = this.pending.get(id)
    if (handler === undefined) return
    this.pending.delete(id)
    const payload = bytes.length > at + 1 ? unpack(bytes, { start: at + 1 }) : undefined
    handler(bytes[at] === STATUS_OK, payload)
  }

  private pushed(bytes: Buffer): void {
    // Message types of rooms under test are short texts: one length byte.
    const length = (bytes[1] ?? 0) & 0x1f
    const handler = this.pushes.get(bytes.toString('latin1', 2, 2 + length))
    if (handler === undefined) return
    handler(bytes.length > 2 + length ? unpack(bytes, { start: 2 + length }) : undefined)
  }
}

/** A request refused by the room, with the error body it answered. */
export class RefusedError extends Error {
  readonly body: unknown
  constructor(body: unknown) {
    super(`refused: ${JSON.stringify(body)}`)
    this.name = 'RefusedError'
    this.body = body
  }
}

function writeNumber(bytes: Buffer, at: number, value: number): void {
  if (value < 0x80) {
    bytes[at] = value
  } else if (value < 0x100) {
    bytes[at] = 0xcc
    bytes[at + 1] = value
  } else {
    bytes[at] = 0xcd
    bytes.writeUInt16LE(value, at + 1)
  }
}

/** The number and the place behind it. */
function readNumber(bytes: Buffer, at: number): readonly [number, number] {
  const first = bytes[at] ?? 0
  if (first < 0x80) return [first, at + 1]
  if (first === 0xcc) return [bytes[at + 1] ?? 0, at + 2]
  return [bytes.readUInt16LE(at + 1), at + 3]
}
