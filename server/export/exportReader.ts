// Reads an export back: its lines, put together to the batches they were, one at a time. Nothing in it is believed: what
// is not of the form is refused with the number of its line.

import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { createGunzip } from 'node:zlib'
import { DataSetError, messageOf } from '../dataSetError.ts'
import { LINES_FILE, MANIFEST_FILE, openLines } from './exportFile.ts'
import { type Body, type ExportHead, isManifest, type Manifest, readHead, readManifest } from './exportForm.ts'

export interface ExportPlace {
  /** Of the lines. */
  readonly file: string
  /** Null where the lines' last one is the manifest. */
  readonly manifest: string | null
}

/** What is wrong with an export, and where. */
export class BrokenExportError extends Error {}

export interface ReadBatch {
  readonly partition: number
  readonly bytes: Uint8Array
  /** Number of its first line, from 1. */
  readonly line: number
}

/** No header, record or manifest comes near; what is longer is no line of an export. */
const MOST_LINE_BYTES = 64 * 1024 * 1024
/** A batch is closed at 512 KB; one record alone may be larger (J1). */
const MOST_BATCH_BYTES = 64 * 1024 * 1024
const REMEDY = 'Name what `npm run export` has written, whole'
const LINE_FEED = 0x0a

/** Throws DataSetError where there is nothing to read. */
export function exportPlace(path: string): ExportPlace {
  if (!existsSync(path)) throw new DataSetError(path, 'is not there', REMEDY)
  if (!statSync(path).isDirectory()) return { file: path, manifest: null }
  const file = [LINES_FILE, `${LINES_FILE}.gz`].map((name) => join(path, name)).find((name) => existsSync(name))
  if (file === undefined) throw new DataSetError(path, `has no ${LINES_FILE}`, REMEDY)
  return { file, manifest: join(path, MANIFEST_FILE) }
}

export class ExportReader {
  private readonly place: ExportPlace
  private readonly hash = createHash('sha256')
  private bytes = 0
  private found: Manifest | null = null

  constructor(place: ExportPlace) {
    this.place = place
  }

  /** Rejects with BrokenExportError, or DataSetError where the file cannot be read. */
  async *read(onHead: (head: ExportHead) => void): AsyncGenerator<ReadBatch, void> {
    let number = 0
    let batch: OpenBatch | null = null
    for await (const line of linesOf(this.place.file)) {
      number++
      if (this.found !== null) throw new BrokenExportError(`line ${number} follows the manifest`)
      if (number === 1) {
        onHead(headOf(line))
        this.count(line)
        continue
      }
      if (batch === null) {
        if (this.place.manifest === null && this.takeManifest(line, number)) continue
        batch = openBatch(line, number)
      } else batch.add(line)
      if (!batch.isWhole) continue
      const { partition, line: first } = batch
      const bytes = batch.bytes()
      this.count(bytes)
      batch = null
      yield { partition, bytes, line: first }
    }
    if (number === 0) throw new BrokenExportError('it is empty')
    if (batch !== null) throw new BrokenExportError(`it ends within the batch of line ${batch.line}`)
  }

  /** Once everything is read. Throws BrokenExportError where there is none. */
  manifest(): Manifest {
    const { manifest } = this.place
    if (manifest !== null) this.found = readManifestFile(manifest)
    if (this.found !== null) return this.found
    throw new BrokenExportError('it ends without a manifest: it was cut off, or never finished')
  }

  /** What was read. */
  body(): Body {
    const name = basename(this.place.file).replace(/\.gz$/, '')
    return { name, bytes: this.bytes, sha256: this.hash.copy().digest('hex') }
  }

  private takeManifest(line: Buffer, number: number): boolean {
    if (!isManifest(line.toString('latin1', 0, 16))) return false
    this.found = readManifest(line.toString('utf8'))
    if (this.found === null) throw new BrokenExportError(`line ${number} is no manifest that this program can read`)
    return true
  }

  private count(bytes: Uint8Array): void {
    this.hash.update(bytes)
    this.bytes += bytes.byteLength
  }
}

class OpenBatch {
  readonly partition: number
  readonly line: number
  private readonly lines: Buffer[]
  private left: number
  private size: number

  constructor(header: Buffer, partition: number, count: number, line: number) {
    this.partition = partition
    this.line = line
    this.lines = [header]
    this.left = count
    this.size = header.length
  }

  get isWhole(): boolean {
    return this.left === 0
  }

  add(line: Buffer): void {
    this.size += line.length
    if (this.size > MOST_BATCH_BYTES) throw new BrokenExportError(`the batch of line ${this.line} has no end`)
    this.lines.push(line)
    this.left--
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.lines, this.size)
  }
}

function headOf(line: Buffer): ExportHead {
  const head = readHead(line.toString('utf8'))
  if (head === null) throw new BrokenExportError('its first line is not that of an export that this program can read')
  return head
}

/** What its header says is checked with the records (followBatch.ts); here it is only how many lines to take. */
function openBatch(line: Buffer, number: number): OpenBatch {
  try {
    const header: unknown = JSON.parse(line.toString('utf8'))
    if (typeof header === 'object' && header !== null && 'partition' in header && 'count' in header) {
      const { partition, count } = header
      if (typeof partition === 'number' && typeof count === 'number' && Number.isSafeInteger(count) && count > 0)
        return new OpenBatch(line, partition, count, number)
    }
  } catch {
    // no JSON
  }
  throw new BrokenExportError(`line ${number} is not the header of a batch`)
}

function readManifestFile(file: string): Manifest {
  if (!existsSync(file)) throw new BrokenExportError(`${MANIFEST_FILE} is not there`)
  if (statSync(file).size > MOST_LINE_BYTES) throw new BrokenExportError(`${MANIFEST_FILE} is too long for a manifest`)
  const manifest = readManifest(readFileSync(file, 'utf8'))
  if (manifest === null) throw new BrokenExportError(`${MANIFEST_FILE} is no manifest that this program can read`)
  return manifest
}

/** Each with its line feed, and bytes of its own. */
async function* linesOf(file: string): AsyncGenerator<Buffer, void> {
  const source = openLines(file)
  const text = file.endsWith('.gz') ? source.pipe(createGunzip()) : source
  source.on('error', (error) => text.destroy(error))
  let parts: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of text as AsyncIterable<Buffer>) {
      let start = 0
      for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
        parts.push(chunk.subarray(start, end + 1))
        yield parts.length === 1 ? chunk.subarray(start, end + 1) : Buffer.concat(parts)
        parts = []
        size = 0
        start = end + 1
      }
      if (start === chunk.length) continue
      parts.push(chunk.subarray(start))
      size += chunk.length - start
      if (size > MOST_LINE_BYTES) throw new BrokenExportError('a line of it has no end')
    }
  } catch (error) {
    if (error instanceof BrokenExportError) throw error
    throw new DataSetError(file, `cannot be read (${messageOf(error)})`, REMEDY)
  }
  if (size > 0) throw new BrokenExportError('its last line has no end: it was cut off')
}
