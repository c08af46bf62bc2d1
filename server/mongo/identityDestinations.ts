// Addresses outside that users withdraw to: one document for each address of a user, made once under an _id of its own.

import { createHash } from 'node:crypto'
import type { Collection } from 'mongodb'
import type { UserId } from '../../shared/ids.ts'
import { RULES } from '../../shared/rules.ts'
import { newDestinationId } from '../identity/destinations.ts'
import type { Destination } from '../identity/port.ts'
import { type DestinationDocument, type IdentityCollections, inserted } from './identityCollections.ts'

export class IdentityDestinations {
  readonly #destinations: Collection<DestinationDocument>

  constructor({ destinations }: IdentityCollections) {
    this.#destinations = destinations
  }

  /** Null where the user has too many: by one or two more where several are added at the same moment. */
  async idOf(user: UserId, address: string): Promise<string | null> {
    const _id = `${user}.${createHash('sha256').update(address).digest('hex')}`
    const known = await this.#destinations.findOne({ _id })
    if (known !== null) return known.id
    if ((await this.#destinations.countDocuments({ user })) >= RULES.maxDestinations) return null
    const id = newDestinationId()
    if (await inserted(this.#destinations.insertOne({ _id, id, user, address }))) return id
    return (await this.#destinations.findOne({ _id }))?.id ?? null
  }

  async erase(user: UserId): Promise<void> {
    await this.#destinations.deleteMany({ user })
  }

  async find(id: string): Promise<Destination | null> {
    const found = await this.#destinations.findOne({ id })
    return found === null ? null : { id, user: found.user, address: found.address }
  }
}
