// The page that players are shown first, as files in memory: what stands in server/web, its program put together from
// TypeScript by esbuild, once, when the first browser asks. A start waits for none of it.

import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface PageFile {
  readonly contentType: string
  readonly body: string
  /** Of the body: a quoted hash. */
  readonly etag: string
}

export interface PageFiles {
  /** Null for a name that the page has no file of. Rejects where the page cannot be put together. */
  file(name: string): Promise<PageFile | null>
}

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), '..', 'web')

const READ: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'style.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
}
const PROGRAM = 'app.js'

export class WebPage implements PageFiles {
  private readonly files = new Map<string, Promise<PageFile>>()

  file(name: string): Promise<PageFile | null> {
    const contentType = Object.hasOwn(READ, name) ? READ[name] : undefined
    if (contentType === undefined && name !== PROGRAM) return Promise.resolve(null)
    let file = this.files.get(name)
    if (file === undefined) {
      file = contentType === undefined ? program() : readFrom(name, contentType)
      this.files.set(name, file)
      // Whoever asks next tries again.
      file.catch(() => this.files.delete(name))
    }
    return file
  }
}

async function readFrom(name: string, contentType: string): Promise<PageFile> {
  return fileOf(contentType, await readFile(join(FOLDER, name), 'utf8'))
}

async function program(): Promise<PageFile> {
  // Loaded where it is needed: it is a program of its own, and takes a moment.
  const { build, stop } = await import('esbuild')
  try {
    const built = await build({
      entryPoints: [join(FOLDER, 'main.ts')],
      ...{ bundle: true, minify: true, write: false, platform: 'browser', format: 'esm', target: 'es2022' },
      // The usual one makes functions of text, which the page's policy forbids.
      alias: { msgpackr: 'msgpackr/index-no-eval' },
      ...{ legalComments: 'none', logLevel: 'silent', charset: 'utf8' },
    })
    return fileOf('text/javascript; charset=utf-8', built.outputFiles[0]?.text ?? '')
  } finally {
    await stop()
  }
}

function fileOf(contentType: string, body: string): PageFile {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  return { contentType, body, etag }
}
