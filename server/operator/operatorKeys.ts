// Operators' Ed25519 keys: the public ones in a file that every process reads, a line each (`name base64`), the private one
// in a file of its operator's own. Read anew for each decision, so that adding or removing an operator needs no restart.

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { DataSetError, messageOf } from '../dataSetError.ts'
import { OPERATOR_NAME } from './decision.ts'

const ALGORITHM = 'ed25519'
const LINE_REMEDY = 'Each line is a name and a public key, as `npm run operator -- keygen NAME` prints it'

/** Throws DataSetError where the file is not to be used. No file: no operators. */
export function readOperatorKeys(file: string | null): ReadonlyMap<string, KeyObject> {
  const keys = new Map<string, KeyObject>()
  if (file === null) return keys
  for (const [index, line] of readText(file).split('\n').entries()) {
    const [name = '', encoded = '', ...more] = line.trim().split(/\s+/)
    if (name === '' || name.startsWith('#')) continue
    const key = publicKey(encoded)
    if (!OPERATOR_NAME.test(name) || key === null || more.length > 0) {
      throw new DataSetError(file, `line ${index + 1} is no operator's key`, LINE_REMEDY)
    }
    if (keys.has(name)) throw new DataSetError(file, `line ${index + 1} names ${name} again`, LINE_REMEDY)
    keys.set(name, key)
  }
  return keys
}

export interface OwnKey {
  readonly name: string
  readonly key: KeyObject
}

/** Throws DataSetError. */
export function readOwnKey(file: string): OwnKey {
  const text = readText(file)
  const name = /^# operator (\S+)$/m.exec(text)?.[1] ?? ''
  try {
    const key = createPrivateKey(text)
    if (key.asymmetricKeyType !== ALGORITHM || !OPERATOR_NAME.test(name)) throw new Error('of another kind')
    return { name, key }
  } catch (error) {
    throw new DataSetError(file, `is no operator's private key (${messageOf(error)})`, 'Make one with keygen')
  }
}

/** Writes a new private key, which must not be there yet, and answers the line for the keys file. Throws DataSetError. */
export function makeOwnKey(name: string, file: string): string {
  if (!OPERATOR_NAME.test(name)) {
    throw new DataSetError(name, 'is no name for an operator', 'Take a-z, 0-9, dot, dash; a letter first')
  }
  const { publicKey: open, privateKey } = generateKeyPairSync(ALGORITHM)
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' })
  try {
    writeFileSync(file, `# operator ${name}\n${pem}`, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    throw new DataSetError(file, messageOf(error), 'Move the old key away, or name another file with --key')
  }
  return `${name} ${open.export({ type: 'spki', format: 'der' }).toString('base64')}`
}

function publicKey(encoded: string): KeyObject | null {
  try {
    const key = createPublicKey({ key: Buffer.from(encoded, 'base64'), format: 'der', type: 'spki' })
    return key.asymmetricKeyType === ALGORITHM ? key : null
  } catch {
    return null
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new DataSetError(file, messageOf(error), 'Name a file that this process may read')
  }
}
