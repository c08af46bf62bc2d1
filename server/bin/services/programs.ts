// The programs that the backing services are made of, where they are looked for, and from which version on they serve:
// what `npm run services` installs and the tests start.

import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { userInfo } from 'node:os'
import { delimiter, join } from 'node:path'
import { isOlder, versionIn } from './versions.ts'

export const SERVICE_NAMES = ['nats', 'mongo', 'redis'] as const
export type ServiceName = (typeof SERVICE_NAMES)[number]
/** What tests start as well. */
export const PROGRAM_NAMES = [...SERVICE_NAMES, 's3', 'chromium'] as const
export type ProgramName = (typeof PROGRAM_NAMES)[number]

export interface Program {
  readonly file: string
  readonly path: string
  /** As the program says it; empty where it does not. */
  readonly version: string
}

export type Found =
  | { readonly kind: 'found'; readonly program: Program }
  | { readonly kind: 'missing'; readonly why: string }

interface Candidate {
  readonly file: string
  /** Null: it does not say, and is what was built under a name that does. */
  readonly versionArgs: readonly string[] | null
  readonly least: readonly number[]
}

/** In the order of preference. */
export const CANDIDATES: Readonly<Record<ProgramName, readonly Candidate[]>> = {
  nats: [{ file: 'nats-server', versionArgs: ['--version'], least: [2, 12, 3] }],
  mongo: [
    { file: 'mongod', versionArgs: ['--version'], least: [7, 0, 0] },
    { file: 'leet-ferretdb-2', versionArgs: ['--version'], least: [1, 24, 2] },
  ],
  redis: [{ file: 'redis-server', versionArgs: ['--version'], least: [6, 2, 0] }],
  s3: [{ file: 'gofakes3', versionArgs: null, least: [] }],
  chromium: [
    { file: 'chromium', versionArgs: ['--version'], least: [120, 0, 0] },
    { file: 'chromium-browser', versionArgs: ['--version'], least: [120, 0, 0] },
    { file: 'google-chrome', versionArgs: ['--version'], least: [120, 0, 0] },
  ],
}

/** Names a folder with programs that go before those on the PATH. */
export const PROGRAMS_VARIABLE = 'LEET_SERVICES_BIN'

/** Where `npm run services` puts what it builds: outside the checkout, so that a new one need not build again. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homeFolder(), '.cache'), 'leetgaming-realtime', 'bin')
}

/** $HOME, or what the system knows of this user where it is not set. */
export function homeFolder(): string {
  return process.env.HOME || userInfo().homedir
}

export function findProgram(service: ProgramName): Found {
  const tried: string[] = []
  for (const candidate of CANDIDATES[service]) {
    for (const folder of folders()) {
      const path = join(folder, candidate.file)
      if (!isExecutable(path)) continue
      const version = candidate.versionArgs === null ? '' : versionOf(path, candidate.versionArgs)
      if (version === null) tried.push(`${path} does not say its version`)
      else if (isOlder(version, candidate.least))
        tried.push(`${path} is ${version}, needed ${candidate.least.join('.')}`)
      else return { kind: 'found', program: { file: candidate.file, path, version } }
    }
  }
  const names = CANDIDATES[service].map(({ file }) => file).join(' or ')
  const seen = tried.length === 0 ? '' : ` (${tried.join('; ')})`
  const isService = (SERVICE_NAMES as readonly string[]).includes(service)
  const how = isService ? 'npm run services' : 'npm run services -- --install-only'
  return { kind: 'missing', why: `no ${names} found${seen}: ${how} installs it` }
}

/** A program by its name alone, in the folders named and those on the PATH. */
export function findOnPath(file: string, ...others: readonly string[]): string | null {
  const paths = [...pathFolders(), ...others].map((folder) => join(folder, file))
  return paths.find(isExecutable) ?? null
}

function folders(): readonly string[] {
  const own = process.env[PROGRAMS_VARIABLE]
  return [...(own ? [own] : []), ...pathFolders(), cacheFolder()]
}

function pathFolders(): readonly string[] {
  return (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** What the program says; null where it says nothing, or does not run here. */
export function versionOf(path: string, args: readonly string[]): string | null {
  const { stdout, status } = spawnSync(path, args, { encoding: 'utf8', timeout: 10_000 })
  return status === 0 ? versionIn(stdout) : null
}
