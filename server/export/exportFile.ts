// An export as a file, or as a folder of its lines and its manifest. Written beside its place and put there when it is
// whole and on the disk, so that what has its name was finished. Nothing is ever overwritten.

import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { DataSetError, messageOf } from '../dataSetError.ts'
import { syncFile } from '../journal/journalFile.ts'
import { type ExportPiece, inChunks } from './exportStream.ts'

const CHUNK_BYTES = 256 * 1024
export const LINES_FILE = 'ledger.ndjson'
export const MANIFEST_FILE = 'manifest.json'
const GZIPPED = '.gz'

export interface Place {
  readonly path: string
  /** One file, whose last line is the manifest; else a folder. */
  readonly isFile: boolean
  readonly gzip: boolean
}

/** A name that ends in .ndjson or .ndjson.gz is a file's. Throws DataSetError where something is there already. */
export function placeOf(path: string, gzip: boolean): Place {
  const remedy = 'Name another place with --out'
  if (existsSync(path)) throw new DataSetError(path, 'is there already', remedy)
  const draft = draftOf(path)
  if (existsSync(draft))
    throw new DataSetError(
      draft,
      'is there: another export writes it, or one was interrupted',
      `Remove it, or ${remedy}`,
    )
  return { path, isFile: /\.ndjson(\.gz)?$/.test(path), gzip: gzip || path.endsWith(GZIPPED) }
}

/** What the lines above the manifest are called in it. */
export function linesName({ path, isFile }: Place): string {
  return isFile ? basename(path).replace(/\.gz$/, '') : LINES_FILE
}

/** Answers the manifest's line. Rejects as the pieces do, with nothing left behind, or with DataSetError. */
export async function writeExport(place: Place, pieces: AsyncIterable<ExportPiece>): Promise<string> {
  const draft = draftOf(place.path)
  try {
    const text = place.isFile ? await writeLines(draft, place, pieces) : await writeFolder(draft, place, pieces)
    if (existsSync(place.path)) throw new Error('something else was put there meanwhile')
    renameSync(draft, place.path)
    syncFile(dirname(place.path))
    return text
  } catch (error) {
    if (!isTaken(error)) rmSync(draft, { recursive: true, force: true })
    const isOfFiles = error instanceof Error && 'syscall' in error
    if (!isOfFiles) throw error
    throw new DataSetError(place.path, messageOf(error), 'Name a place with room that this user can write to')
  }
}

async function writeFolder(draft: string, place: Place, pieces: AsyncIterable<ExportPiece>): Promise<string> {
  mkdirSync(draft)
  const text = await writeLines(join(draft, `${LINES_FILE}${place.gzip ? GZIPPED : ''}`), place, pieces)
  const manifest = join(draft, MANIFEST_FILE)
  writeFileSync(manifest, text, { flag: 'wx' })
  syncFile(manifest)
  syncFile(draft)
  return text
}

/** Of a folder the manifest is left out. */
async function writeLines(file: string, { isFile, gzip }: Place, pieces: AsyncIterable<ExportPiece>): Promise<string> {
  let text = ''
  async function* wanted(): AsyncGenerator<ExportPiece, void> {
    for await (const piece of pieces) {
      if (piece.kind === 'manifest') text = piece.text
      if (piece.kind === 'lines' || isFile) yield piece
    }
  }
  const chunks = Readable.from(inChunks(wanted(), CHUNK_BYTES), { objectMode: true, highWaterMark: 2 })
  const target = createWriteStream(file, { flags: 'wx', mode: 0o600 })
  if (gzip) await pipeline(chunks, createGzip(), target)
  else await pipeline(chunks, target)
  syncFile(file)
  return text
}

export function openLines(file: string): Readable {
  return createReadStream(file, { highWaterMark: CHUNK_BYTES })
}

function draftOf(path: string): string {
  return `${path}.partial`
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST'
}
