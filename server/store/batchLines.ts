// The lines of one stored batch, found without reading all of them: what a record is from its number, and when it was
// made from the first bytes of its line, whose order is fixed (actors/runtime/recordWriter.ts).

const LINE_FEED = 10
/** `{"s":<seq>,"t":<ms>,` takes less. */
const PREFIX_BYTES = 64
const PREFIX = /^\{"s":\d+,"t":(\d+),/

export class BatchLines {
  readonly firstSeq: number
  readonly lastSeq: number
  readonly hash: string
  private readonly bytes: Buffer
  /** Where each line begins; the header's is the first. */
  private readonly starts: number[] = [0]

  constructor(firstSeq: number, lastSeq: number, hash: string, bytes: Uint8Array) {
    this.firstSeq = firstSeq
    this.lastSeq = lastSeq
    this.hash = hash
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** The record's line, without the line feed. */
  line(seq: number): string {
    const index = seq - this.firstSeq + 1
    return this.bytes.toString('utf8', this.start(index), this.start(index + 1) - 1)
  }

  /** Records from `seq` on whose lines hold this text, in their order. */
  with(text: string, from: number): readonly number[] {
    const found: number[] = []
    const last = this.lastSeq - this.firstSeq + 1
    for (let index = from - this.firstSeq + 1; index <= last; index++) {
      const at = this.bytes.indexOf(text, this.start(index))
      if (at === -1) break
      while (this.start(index + 1) <= at) index++
      found.push(this.firstSeq + index - 1)
    }
    return found
  }

  /** Milliseconds since the Unix epoch. */
  timeOf(seq: number): number {
    const start = this.start(seq - this.firstSeq + 1)
    const found = PREFIX.exec(this.bytes.toString('latin1', start, start + PREFIX_BYTES))
    if (found === null) throw new Error(`record ${seq} is not of the form it was written in`)
    return Number(found[1])
  }

  private start(index: number): number {
    for (let known = this.starts.length; known <= index; known++) {
      const feed = this.bytes.indexOf(LINE_FEED, this.starts[known - 1])
      if (feed === -1) throw new Error(`a batch that begins with record ${this.firstSeq} ends early`)
      this.starts.push(feed + 1)
    }
    return this.starts[index] ?? 0
  }
}
