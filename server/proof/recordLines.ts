// The lines of a batch as they were appended (docs/runtime.md, "Bytes of the log"): the header's line, then one a record.

const LINE_FEED = 0x0a

/** The bytes of each record, without its line feed: views, to be used before the batch is let go of. */
export function* recordLines(batch: Uint8Array): Generator<Uint8Array> {
  const bytes = Buffer.from(batch.buffer, batch.byteOffset, batch.byteLength)
  let start = bytes.indexOf(LINE_FEED) + 1
  for (let end = bytes.indexOf(LINE_FEED, start); end !== -1; end = bytes.indexOf(LINE_FEED, start)) {
    yield bytes.subarray(start, end)
    start = end + 1
  }
}
