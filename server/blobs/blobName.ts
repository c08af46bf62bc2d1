// Names of blobs: paths of plain segments, so that a name is a file below one folder and a key in a bucket, and nothing
// outside of either.

const SEGMENT = /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,127}$/
const MOST_SEGMENTS = 8

/** Throws a RangeError: names are made here, not by clients. */
export function assertBlobName(name: string): void {
  const segments = name.split('/')
  if (segments.length > MOST_SEGMENTS || !segments.every((segment) => SEGMENT.test(segment)))
    throw new RangeError(`${JSON.stringify(name)} is no name of a blob`)
}

/** A folder of them, which ends in `/`; or nothing, for all. Throws a RangeError. */
export function assertBlobPrefix(prefix: string): void {
  if (prefix === '') return
  if (!prefix.endsWith('/')) throw new RangeError(`${JSON.stringify(prefix)} does not end in /`)
  assertBlobName(prefix.slice(0, -1))
}
