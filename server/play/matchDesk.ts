// Matches as HTTP needs them: read, told something by a person, a game server or staff, and listed by the store. What may
// happen is the match's own decision.

import type { MatchCommand } from '../../actors/match/commands.ts'
import type { MatchRow } from '../../actors/match/listing.ts'
import type { MatchView, PoolView } from '../../actors/match/views.ts'
import { isId, type RecordId } from '../../shared/ids.ts'
import type { ListDesk, ListWish } from '../lists/listDesk.ts'
import { type ActorAsks, type Refused, refused } from './actorAsks.ts'

export type MatchRead<View = MatchView> = { readonly kind: 'view'; readonly view: View } | Refused

export type MatchAnswer =
  /** `status`: as the match says what came of it. `view`: the match as it is now. */
  | {
      readonly kind: 'done'
      readonly record: RecordId | null
      readonly status: string | null
      readonly view: MatchView
    }
  | Refused

export interface MatchPage {
  readonly kind: 'page'
  readonly rows: readonly MatchRow[]
  readonly total: number
}

export class MatchDesk {
  private readonly asks: ActorAsks
  private readonly lists: ListDesk

  constructor(asks: ActorAsks, lists: ListDesk) {
    this.asks = asks
    this.lists = lists
  }

  /** `not_found` for a match that nobody has made. */
  async match(id: string): Promise<MatchRead> {
    if (!isMatchId(id)) return refused('not_found')
    const read = await this.asks.view<MatchView>('match', id, { kind: 'state' })
    return read.kind === 'view' && read.view.spec === null ? refused('not_found') : read
  }

  async pool(id: string): Promise<MatchRead<PoolView>> {
    if (!isMatchId(id)) return refused('not_found')
    const read = await this.asks.view<PoolView>('match', id, { kind: 'pool' })
    return read.kind === 'view' && read.view.status === null ? refused('not_found') : read
  }

  /** M6: `key` is the caller's; empty for what is idempotent by itself. */
  async tell(id: string, command: MatchCommand, key: string, requestId: string): Promise<MatchAnswer> {
    const before = await this.match(id)
    if (before.kind === 'refused') return before
    const answer = await this.asks.ask('match', id, command, key, requestId)
    if (answer.kind === 'refused') return refused(answer.code)
    const read = await this.match(id)
    // Done all the same, where it cannot be read just now.
    const view = read.kind === 'view' ? read.view : before.view
    return { kind: 'done', record: answer.recordId, status: statusOf(answer.reply), view }
  }

  async list(wish: Omit<ListWish, 'of'>): Promise<MatchPage | Refused> {
    const page = await this.lists.page({ of: 'match', ...wish })
    if (page.kind === 'refused') return refused(page.code)
    const rows = page.rows.map(({ fields }) => fields as unknown as MatchRow) // as the kind lists itself
    return { kind: 'page', rows, total: page.total }
  }
}

export function isMatchId(id: string): boolean {
  return id.startsWith('m_') && id.length <= 64 && isId(id)
}

function statusOf(reply: unknown): string | null {
  return typeof reply === 'object' && reply !== null && 'status' in reply ? String(reply.status) : null
}
