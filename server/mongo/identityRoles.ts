// The roles of staff as a list of changes that only grows: each says what roles a user has from then on, under the next
// number, which only one document can have. Whoever finds it taken reads the list again. So the admins that a change was
// judged by are those there were when it happened, and of two who give up the role at once one keeps it.

import { ServiceError } from '../../shared/errors.ts'
import type { UserId } from '../../shared/ids.ts'
import { readRoles } from '../identity/newUser.ts'
import type { Role } from '../identity/port.ts'
import { randomId } from '../identity/refreshTokens.ts'
import { type IdentityCollections, inserted } from './identityCollections.ts'

/** Each is somebody else's change; more in a row are a server that does not show what it has. */
const RACES = 50

export class IdentityRoles {
  readonly #changes: IdentityCollections['roles']

  constructor({ roles }: IdentityCollections) {
    this.#changes = roles
  }

  /** Null where nobody has changed what the user began with. */
  async of(user: UserId): Promise<readonly Role[] | null> {
    const change = await this.#changes.findOne({ user }, { sort: { _id: -1 }, ...LATEST })
    return change === null ? null : readRoles(change.roles)
  }

  /** Of everybody who was ever given some: staff are few, and change seldom. */
  async all(): Promise<{ readonly number: number; readonly roles: ReadonlyMap<UserId, readonly Role[]> }> {
    const roles = new Map<UserId, readonly Role[]>()
    let number = 0
    for await (const change of this.#changes.find({}, { sort: { _id: 1 }, ...LATEST })) {
      number = change._id
      roles.set(change.user, readRoles(change.roles))
    }
    return { number, roles }
  }

  /** What the user was given before (null: nothing yet); `refused` where nobody would be left who is an admin. */
  async set(user: UserId, roles: readonly Role[]): Promise<{ readonly before: readonly Role[] | null } | 'refused'> {
    const nonce = randomId()
    for (let race = 0; race < RACES; race++) {
      const { number, roles: current } = await this.all()
      const before = current.get(user) ?? null
      const leaves = before?.includes('admin') === true && !roles.includes('admin')
      const others = [...current].filter(([other, held]) => other !== user && held.includes('admin'))
      if (leaves && others.length === 0) return 'refused'
      const _id = number + 1
      if (await inserted(this.#changes.insertOne({ _id, user, roles, nonce }))) return { before }
      // It may have been this very insertion, if the driver sent it twice.
      const there = await this.#changes.findOne({ _id }, LATEST)
      if (there?.nonce === nonce) return { before }
    }
    throw new ServiceError('overloaded')
  }
}

/** What the primary has: a change that follows it is known to a majority only once that is. */
const LATEST = { readConcern: { level: 'local' } } as const
