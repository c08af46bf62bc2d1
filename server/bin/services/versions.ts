// The versions that `npm run services` installs, in one place. FerretDB's is in ferretdb/go.mod, where Go reads it, and
// compose.yaml repeats the one of NATS: a test holds them together. Redis is whatever the system's packages have.

export const NATS_SERVER_VERSION = '2.14.9'
export const GOFAKES3_VERSION = '1.2.0'

/** An older Go cannot build modules that ask for a newer one; from this one on it fetches what they ask for, or says so. */
export const GO_LEAST: readonly number[] = [1, 21, 0]

/** The first version in a text, such as what a program answers to `--version`; null where there is none. */
export function versionIn(text: string): string | null {
  return /\d+\.\d+(?:\.\d+)?/.exec(text)?.[0] ?? null
}

/** Compares number by number: 2.9 is older than 2.12. Numbers left out count as 0. */
export function isOlder(version: string, least: readonly number[]): boolean {
  const parts = version.split('.').map(Number)
  for (const [index, wanted] of least.entries()) {
    const part = parts[index] ?? 0
    if (part !== wanted) return part < wanted
  }
  return false
}
