// What players call themselves, for those who look at them. Names are identity's (S2): asked there, and remembered for a
// moment, since each change of a lobby is shown to all who are in it.

import type { UserId } from '../../shared/ids.ts'
import type { Identity } from '../identity/port.ts'

export interface PlayerNamesParts {
  readonly people: Pick<Identity, 'findUser'>
  /** Of those who were erased since. */
  isErased(user: UserId): boolean
  nowMs(): number
  failed(error: unknown): void
}

const REMEMBERED_MS = 60_000
/** A5: beyond it the oldest are forgotten. */
const MAX_REMEMBERED = 5_000

export class PlayerNames {
  private readonly parts: PlayerNamesParts
  private readonly known = new Map<UserId, { readonly name: string | null; readonly untilMs: number }>()

  constructor(parts: PlayerNamesParts) {
    this.parts = parts
  }

  /** Of those who have one. Whoever cannot be asked for has none for now. */
  async of(users: Iterable<UserId>): Promise<ReadonlyMap<UserId, string>> {
    const found = await Promise.all([...new Set(users)].map(async (user) => [user, await this.nameOf(user)] as const))
    return new Map(found.flatMap(([user, name]) => (name === null ? [] : [[user, name] as const])))
  }

  private async nameOf(user: UserId): Promise<string | null> {
    const { people, isErased, nowMs, failed } = this.parts
    if (isErased(user)) return null
    const known = this.known.get(user)
    if (known !== undefined && known.untilMs > nowMs()) return known.name
    try {
      const found = await people.findUser(user)
      const name = found === null || found.erasedAtMs !== null ? null : found.displayName
      this.remember(user, name)
      return name
    } catch (error) {
      failed(error)
      return null
    }
  }

  private remember(user: UserId, name: string | null): void {
    this.known.delete(user)
    this.known.set(user, { name, untilMs: this.parts.nowMs() + REMEMBERED_MS })
    const [oldest] = this.known.keys()
    if (this.known.size > MAX_REMEMBERED && oldest !== undefined) this.known.delete(oldest)
  }
}
