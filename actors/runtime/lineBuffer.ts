// Bytes of UTF-8 lines, written piece by piece. Pieces go in as bytes at once: joined as strings they would cost the
// collector several times their size, for each record on the way of every command.

const FIRST_BYTES = 4 * 1024
const LAST_ASCII = 0x7f
const BYTES_PER_UNIT = 3

export class LineBuffer {
  private buffer = Buffer.allocUnsafeSlow(FIRST_BYTES)
  size = 0

  /** Any text; the usual piece is short and ASCII. */
  add(text: string): void {
    const { length } = text
    // A UTF-16 code unit takes at most three bytes of UTF-8.
    if (this.size + length * BYTES_PER_UNIT > this.buffer.length) this.grow(length * BYTES_PER_UNIT)
    const { buffer, size } = this
    for (let index = 0; index < length; index++) {
      const unit = text.charCodeAt(index)
      if (unit > LAST_ASCII) {
        this.size += buffer.write(text, size, 'utf8')
        return
      }
      buffer[size + index] = unit
    }
    this.size += length
  }

  addBytes(bytes: Uint8Array): void {
    if (this.size + bytes.length > this.buffer.length) this.grow(bytes.length)
    this.buffer.set(bytes, this.size)
    this.size += bytes.length
  }

  clear(): void {
    this.size = 0
  }

  /** What has been added; valid until the next change. */
  bytes(): Buffer {
    return this.buffer.subarray(0, this.size)
  }

  private grow(more: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(this.size + more, this.buffer.length * 2))
    this.buffer.copy(larger, 0, 0, this.size)
    this.buffer = larger
  }
}
