// Second factors as chains of documents, as sessions are: a change inserts the next number of its user's, and the highest
// is the factor as it is now. What was shown of a factor is spent by inserting it under an _id of its own, so that of two
// who show the same code at once, to whichever processes, one is taken.

import { ServiceError } from '../../shared/errors.ts'
import type { UserId } from '../../shared/ids.ts'
import type { Factor, FactorState, Shown } from '../identity/port.ts'
import { deleteWhere, type FactorDocument, type IdentityCollections, inserted } from './identityCollections.ts'

/** Numbers stay taken this long, so that whoever has read an old one cannot insert its successor a second time. */
const GENERATIONS_KEPT = 8
/** Each lost race is somebody else's success: more in a row are no honest client's. */
const RACES = 20
/** A code of a later step than this beside the one shown cannot have been taken: no clock is that far ahead. */
const STEPS_AHEAD = 8
/** Long after no clock would take the code any more. */
const STEP_KEPT_MS = 60 * 60 * 1000

type Next = Pick<FactorDocument, 'state' | 'factor' | 'sealed' | 'recovery'>

export class IdentityFactors {
  readonly #factors: IdentityCollections['factors']
  readonly #spent: IdentityCollections['spent']

  constructor({ factors, spent }: IdentityCollections) {
    this.#factors = factors
    this.#spent = spent
  }

  /** Null where there is none, confirmed or not. */
  async of(user: UserId): Promise<FactorState | null> {
    const latest = await this.#latest(user)
    if (latest === null || latest.state === 'ended') return null
    const used = latest.recovery.map((hash) => recoveryId(latest.factor, hash))
    const spent = used.length === 0 ? 0 : await this.#spent.countDocuments({ _id: { $in: used } })
    return {
      id: latest.factor,
      sealed: Buffer.from(latest.sealed, 'base64url'),
      confirmed: latest.state === 'confirmed',
      recoveryCodesLeft: latest.recovery.length - spent,
    }
  }

  /** The id of the confirmed factor. */
  async confirmedOf(user: UserId): Promise<string | null> {
    return confirmedId(await this.#latest(user))
  }

  async confirmedOfMany(users: readonly UserId[]): Promise<ReadonlyMap<UserId, string | null>> {
    const latest = new Map<UserId, FactorDocument>()
    for await (const document of this.#factors.find({ user: { $in: [...users] } })) {
      if ((latest.get(document.user)?.number ?? -1) < document.number) latest.set(document.user, document)
    }
    return new Map([...latest].map(([user, document]) => [user, confirmedId(document)]))
  }

  /** False where one is confirmed. */
  propose(user: UserId, { id, sealed }: Factor): Promise<boolean> {
    const next: Next = { state: 'proposed', factor: id, sealed: encoded(sealed), recovery: [] }
    return this.#change(user, (latest) => (latest?.state === 'confirmed' ? null : next))
  }

  confirm(user: UserId, factor: string, recoveryHashes: readonly Uint8Array[]): Promise<boolean> {
    return this.#change(user, (latest) => {
      if (latest?.state !== 'proposed' || latest.factor !== factor) return null
      return { ...latest, state: 'confirmed', recovery: recoveryHashes.map(encoded) }
    })
  }

  setRecoveryCodes(user: UserId, factor: string, recoveryHashes: readonly Uint8Array[]): Promise<boolean> {
    return this.#change(user, (latest) =>
      confirmedId(latest) === factor && latest !== null ? { ...latest, recovery: recoveryHashes.map(encoded) } : null,
    )
  }

  /** Whether one was confirmed. */
  async end(user: UserId): Promise<boolean> {
    let had = false
    await this.#change(user, (latest) => {
      had = confirmedId(latest) !== null
      return latest === null || latest.state === 'ended'
        ? null
        : { state: 'ended', factor: latest.factor, sealed: '', recovery: [] }
    })
    return had
  }

  /** False where it was spent before, or is no recovery code of the factor. */
  async spend(user: UserId, factor: string, shown: Exclude<Shown, { kind: 'refused' }>, nowMs: number) {
    if (shown.kind === 'recovery') {
      const hash = encoded(shown.hash)
      const latest = await this.#latest(user)
      if (confirmedId(latest) !== factor || latest?.recovery.includes(hash) !== true) return false
      const expiresAtMs = Number.MAX_SAFE_INTEGER
      return inserted(this.#spent.insertOne({ _id: recoveryId(factor, hash), user, expiresAtMs }))
    }
    const { step } = shown
    const later = Array.from({ length: STEPS_AHEAD }, (_, ahead) => stepId(factor, step + ahead))
    if ((await this.#spent.findOne({ _id: { $in: later } })) !== null) return false
    return inserted(this.#spent.insertOne({ _id: stepId(factor, step), user, expiresAtMs: nowMs + STEP_KEPT_MS }))
  }

  async erase(user: UserId): Promise<void> {
    await this.#factors.deleteMany({ user })
    await this.#spent.deleteMany({ user })
  }

  async dropSpent(nowMs: number): Promise<void> {
    await deleteWhere(
      (limit) => this.#spent.find({ expiresAtMs: { $lte: nowMs } }, { projection: { _id: 1 }, limit }).toArray(),
      (ids) => this.#spent.deleteMany({ _id: { $in: ids } }),
    )
  }

  #latest(user: UserId): Promise<FactorDocument | null> {
    return this.#factors.findOne({ user }, { sort: { number: -1 } })
  }

  /** Inserts what comes after the latest; false where `next` wants nothing. */
  async #change(user: UserId, next: (latest: FactorDocument | null) => Next | null): Promise<boolean> {
    for (let race = 0; race < RACES; race++) {
      const latest = await this.#latest(user)
      const wanted = next(latest)
      if (wanted === null) return false
      const number = (latest?.number ?? -1) + 1
      const { state, factor, sealed, recovery } = wanted
      const document = { _id: `${user}.${number}`, user, number, state, factor, sealed, recovery }
      if (!(await inserted(this.#factors.insertOne(document)))) continue
      if (number >= GENERATIONS_KEPT) await this.#factors.deleteOne({ _id: `${user}.${number - GENERATIONS_KEPT}` })
      return true
    }
    throw new ServiceError('overloaded')
  }
}

function confirmedId(latest: FactorDocument | null): string | null {
  return latest?.state === 'confirmed' ? latest.factor : null
}

function stepId(factor: string, step: number): string {
  return `${factor}.${step}`
}

function recoveryId(factor: string, hash: string): string {
  return `${factor}.${hash}`
}

function encoded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}
