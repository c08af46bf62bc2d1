// A growing run of UTF-8 lines.

const FIRST_BYTES = 4 * 1024

export class LineBuffer {
  private buffer = Buffer.allocUnsafe(FIRST_BYTES)
  size = 0

  add(line: string): void {
    // A UTF-16 code unit takes at most three bytes of UTF-8.
    const needed = this.size + line.length * 3
    if (needed > this.buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.buffer.length * 2))
      this.buffer.copy(larger, 0, 0, this.size)
      this.buffer = larger
    }
    this.size += this.buffer.write(line, this.size, 'utf8')
  }

  /** What has been added; valid until the next `add`. */
  bytes(): Uint8Array {
    return this.buffer.subarray(0, this.size)
  }
}
