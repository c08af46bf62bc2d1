// The release, as package.json states it (it is shipped beside the sources).

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const MANIFEST = z.object({ name: z.string(), version: z.string() })

const manifest = MANIFEST.parse(JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8')))

export const NAME = manifest.name
export const VERSION = manifest.version
