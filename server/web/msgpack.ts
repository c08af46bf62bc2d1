// MessagePack as the rooms speak it: plain values, maps with text keys. Reads all that the server may write of those; what
// it does not know throws, and the connection ends.

export type Plain = null | undefined | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain }

const utf8 = new TextDecoder()
const toUtf8 = new TextEncoder()

export function pack(value: unknown): Uint8Array {
  const bytes: number[] = []
  write(bytes, value)
  return new Uint8Array(bytes)
}

function write(bytes: number[], value: unknown): void {
  if (value === null || value === undefined) bytes.push(0xc0)
  else if (typeof value === 'boolean') bytes.push(value ? 0xc3 : 0xc2)
  else if (typeof value === 'number') writeNumber(bytes, value)
  else if (typeof value === 'string') writeText(bytes, value)
  else if (Array.isArray(value)) {
    writeLength(bytes, value.length, 0x90, 0xdc)
    for (const each of value) write(bytes, each)
  } else if (typeof value === 'object') {
    const entries = Object.entries(value).filter(([, each]) => each !== undefined)
    writeLength(bytes, entries.length, 0x80, 0xde)
    for (const [key, each] of entries) {
      writeText(bytes, key)
      write(bytes, each)
    }
  } else throw new Error(`a message holds no ${typeof value}`)
}

/** Of a list or a map: in the first byte where it is short. */
function writeLength(bytes: number[], length: number, short: number, long: number): void {
  if (length < 16) bytes.push(short | length)
  else bytes.push(long, length >> 8, length & 0xff)
}

function writeNumber(bytes: number[], value: number): void {
  if (Number.isInteger(value) && value >= -32 && value < 128) {
    bytes.push(value & 0xff)
    return
  }
  const view = new DataView(new ArrayBuffer(9))
  const isWord = Number.isInteger(value) && value >= -0x8000_0000 && value <= 0x7fff_ffff
  view.setUint8(0, isWord ? 0xd2 : 0xcb)
  if (isWord) view.setInt32(1, value)
  else view.setFloat64(1, value)
  bytes.push(...new Uint8Array(view.buffer, 0, isWord ? 5 : 9))
}

function writeText(bytes: number[], text: string): void {
  const encoded = toUtf8.encode(text)
  const { length } = encoded
  if (length < 32) bytes.push(0xa0 | length)
  else if (length < 256) bytes.push(0xd9, length)
  else bytes.push(0xda, length >> 8, length & 0xff)
  for (const byte of encoded) bytes.push(byte)
}

/** One value, from `at` on. */
export function unpack(bytes: Uint8Array, at: number): Plain {
  return new Reader(bytes, at).value()
}

export class Reader {
  at: number
  private readonly bytes: Uint8Array
  private readonly view: DataView

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes
    this.at = at
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  value(): Plain {
    const first = this.view.getUint8(this.at++)
    if (first < 0x80) return first
    if (first >= 0xe0) return first - 0x100
    if (first >= 0xa0 && first < 0xc0) return this.text(first & 0x1f)
    if (first >= 0x90 && first < 0xa0) return this.list(first & 0x0f)
    if (first < 0x90) return this.map(first & 0x0f)
    return this.long(first)
  }

  private long(first: number): Plain {
    switch (first) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xca:
        return this.view.getFloat32(this.step(4))
      case 0xcb:
        return this.view.getFloat64(this.step(8))
      case 0xd3:
        return Number(this.view.getBigInt64(this.step(8)))
      case 0xd4:
        // How the server's library writes `undefined`.
        this.step(2)
        return undefined
      case 0xd9:
        return this.text(this.unsigned(1))
      case 0xda:
        return this.text(this.unsigned(2))
      case 0xdb:
        return this.text(this.unsigned(4))
      case 0xdc:
        return this.list(this.unsigned(2))
      case 0xdd:
        return this.list(this.unsigned(4))
      case 0xde:
        return this.map(this.unsigned(2))
      case 0xdf:
        return this.map(this.unsigned(4))
      default:
        return this.integer(first)
    }
  }

  private integer(first: number): number {
    if (first >= 0xcc && first <= 0xcf) return this.unsigned(1 << (first - 0xcc))
    if (first === 0xd0) return this.view.getInt8(this.step(1))
    if (first === 0xd1) return this.view.getInt16(this.step(2))
    if (first === 0xd2) return this.view.getInt32(this.step(4))
    throw new Error(`a message with a byte ${first.toString(16)} in it`)
  }

  private unsigned(size: number): number {
    const from = this.step(size)
    if (size === 1) return this.view.getUint8(from)
    if (size === 2) return this.view.getUint16(from)
    return size === 4 ? this.view.getUint32(from) : Number(this.view.getBigUint64(from))
  }

  private text(length: number): string {
    const from = this.step(length)
    return utf8.decode(this.bytes.subarray(from, from + length))
  }

  private list(length: number): readonly Plain[] {
    const values: Plain[] = []
    for (let index = 0; index < length; index++) values.push(this.value())
    return values
  }

  private map(length: number): { readonly [key: string]: Plain } {
    // Without a prototype: whatever the keys are called.
    const values: Record<string, Plain> = Object.create(null)
    for (let index = 0; index < length; index++) values[String(this.value())] = this.value()
    return values
  }

  private step(size: number): number {
    const from = this.at
    this.at += size
    return from
  }
}
