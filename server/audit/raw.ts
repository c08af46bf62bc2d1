// A JSON value the auditor passes over: left as the bytes it was found in, and made text only where somebody asks.

const LIST = 0x5b

export class Raw {
  private readonly bytes: Buffer
  private readonly start: number
  private readonly end: number

  constructor(bytes: Buffer, start: number, end: number) {
    this.bytes = bytes
    this.start = start
    this.end = end
  }

  static of(text: string): Raw {
    return new Raw(Buffer.from(text, 'utf8'), 0, Buffer.byteLength(text))
  }

  get isList(): boolean {
    return this.bytes[this.start] === LIST
  }

  /** Of a list. */
  get isEmpty(): boolean {
    return this.end - this.start <= 2
  }

  /** Whether these bytes are somewhere in it. */
  has(bytes: Buffer): boolean {
    return this.bytes.subarray(this.start, this.end).includes(bytes)
  }

  text(): string {
    return this.bytes.toString('utf8', this.start, this.end)
  }
}
