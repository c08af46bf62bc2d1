// A connection to a room (Colyseus 0.18): a seat is reserved over HTTP with the token, and taken by one socket, which never
// sees the token. Requests have answers; what is pushed goes to whoever listens.

import { type Plain, pack, unpackAll } from './msgpack.ts'
import { RefusedError, type Session } from './session.ts'

const [JOIN_ROOM, ERROR, LEAVE_ROOM, ROOM_DATA, ROOM_REQUEST, ROOM_RESPONSE] = [10, 11, 12, 13, 21, 22]
const STATUS_OK = 0
const ANSWER_WITHIN_MS = 15_000

interface Reservation {
  readonly roomId: string
  readonly sessionId: string
  readonly processId: string
  readonly publicAddress?: string
}

type Listener = (message: Plain) => void

export interface Asking {
  readonly method: 'join' | 'joinOrCreate'
  readonly room: string
  readonly options: object
}

export class RoomLink {
  /** Called once; the code says why. */
  onClosed: (code: number) => void = () => {}
  private readonly socket: WebSocket
  private readonly listeners = new Map<string, Listener>()
  private readonly pending = new Map<number, (ok: boolean, answer: Plain) => void>()
  private joined: () => void = () => {}
  private failed: (error: Error) => void = () => {}
  private requests = 0

  /** `listeners`: there before the first push. */
  static async join(
    session: Session,
    { method, room, options }: Asking,
    listeners: Readonly<Record<string, Listener>>,
  ): Promise<RoomLink> {
    const seat = await session.call<Reservation>(`POST /matchmake/${method}/${room}`, options)
    const link = new RoomLink(seat, listeners)
    await link.ready
    return link
  }

  private readonly ready: Promise<void>

  private constructor(seat: Reservation, listeners: Readonly<Record<string, Listener>>) {
    for (const [type, listener] of Object.entries(listeners)) this.listeners.set(type, listener)
    const url = new URL(`/${seat.processId}/${seat.roomId}`, location.href)
    if (seat.publicAddress !== undefined && seat.publicAddress !== '') url.host = seat.publicAddress
    url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:'
    url.search = `?sessionId=${encodeURIComponent(seat.sessionId)}`
    this.ready = new Promise((resolve, reject) => {
      this.joined = resolve
      this.failed = reject
    })
    this.socket = new WebSocket(url)
    this.socket.binaryType = 'arraybuffer'
    this.socket.addEventListener('message', ({ data }) => this.heard(new Uint8Array(data as ArrayBuffer))) // by its type
    this.socket.addEventListener('close', ({ code }) => this.closed(code))
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN
  }

  send(type: string, payload: unknown): void {
    if (this.isOpen) this.socket.send(framed([ROOM_DATA], type, payload))
  }

  /** Rejects with RefusedError. */
  request<Answer>(type: string, payload: unknown): Promise<Answer> {
    this.requests = (this.requests + 1) % 0x1_0000
    const id = this.requests
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.pending.delete(id)
        reject(new RefusedError('unavailable', 'The server did not answer.'))
      }, ANSWER_WITHIN_MS)
      this.pending.set(id, (ok, answer) => {
        clearTimeout(timer)
        if (ok)
          resolve(answer as Answer) // as docs/rooms.md says
        else reject(refusalOf(answer))
      })
      if (this.isOpen) this.socket.send(framed([ROOM_REQUEST, ...numberBytes(id)], type, payload))
      else this.answered(id, false, null)
    })
  }

  leave(): void {
    this.onClosed = () => {}
    if (this.isOpen) this.socket.send(new Uint8Array([LEAVE_ROOM]))
    else this.socket.close()
  }

  private heard(bytes: Uint8Array): void {
    switch (bytes[0]) {
      case JOIN_ROOM:
        this.socket.send(new Uint8Array([JOIN_ROOM]))
        this.joined()
        return
      case ERROR:
        this.failed(new RefusedError('unavailable', 'The room did not let us in.'))
        return
      case ROOM_DATA: {
        const [type, message] = unpackAll(bytes, 1)
        this.listeners.get(String(type))?.(message)
        return
      }
      case ROOM_RESPONSE: {
        const [id, at] = numberAt(bytes, 1)
        const [answer] = unpackAll(bytes, at + 1)
        this.answered(id, bytes[at] === STATUS_OK, answer)
      }
    }
  }

  private answered(id: number, ok: boolean, answer: Plain): void {
    const pending = this.pending.get(id)
    this.pending.delete(id)
    pending?.(ok, answer)
  }

  private closed(code: number): void {
    this.failed(new RefusedError('unavailable', 'The connection was closed.'))
    for (const id of [...this.pending.keys()]) this.answered(id, false, null)
    this.onClosed(code)
  }
}

function framed(head: readonly number[], type: string, payload: unknown): Uint8Array<ArrayBuffer> {
  const [name, body] = [pack(type), payload === undefined ? new Uint8Array() : pack(payload)]
  const bytes = new Uint8Array(head.length + name.length + body.length)
  bytes.set(head)
  bytes.set(name, head.length)
  bytes.set(body, head.length + name.length)
  return bytes
}

/** Low byte first, unlike MessagePack's. */
function numberBytes(value: number): readonly number[] {
  if (value < 0x80) return [value]
  return value < 0x100 ? [0xcc, value] : [0xcd, value & 0xff, value >> 8]
}

function numberAt(bytes: Uint8Array, at: number): readonly [value: number, next: number] {
  const [first = 0, low = 0, high = 0] = bytes.subarray(at, at + 3)
  if (first < 0x80) return [first, at + 1]
  return first === 0xcc ? [low, at + 2] : [low | (high << 8), at + 3]
}

function refusalOf(answer: Plain): RefusedError {
  const { code, message } = (answer ?? {}) as { readonly code?: string; readonly message?: string } // an error body
  return new RefusedError(code ?? 'unavailable', message ?? 'The connection was lost.')
}
