// Asks the store for lists, as the player's and the staff's routes show them: a few at a time, and each only once the
// store has had a moment to take in what is durable here (S1), so that who has just made a lobby finds it.

import { strict as assert } from 'node:assert'
import { LISTING_STATUS, LISTING_TAG } from '../../actors/runtime/listing.ts'
import { type DeskParts, StoreLedgerDesk } from '../ledger/ledgerDesk.ts'
import type { ListAnswer, RefusedAnswer } from '../ledger/questions.ts'
import { type ListQuery, MAX_ASKED_TAGS, MAX_OFFSET, MAX_PAGE } from './ports.ts'

/** A page is a few milliseconds of the store. */
const AT_A_TIME = 4
const MAX_WAITING = 256

export type ListWish = Pick<ListQuery, 'of'> & Partial<ListQuery>

export interface ListDesk {
  /**
   * What is not given is: every status, no tags, newest first, from the first, 20 of them. `unavailable` or `overloaded`
   * where it cannot be answered now. Throws for what no route may ask.
   */
  page(wish: ListWish): Promise<ListAnswer | RefusedAnswer>
}

export class StoreListDesk implements ListDesk {
  private readonly desk: StoreLedgerDesk

  constructor(parts: DeskParts) {
    this.desk = new StoreLedgerDesk(parts, { atATime: AT_A_TIME, maxWaiting: MAX_WAITING })
  }

  async page(wish: ListWish): Promise<ListAnswer | RefusedAnswer> {
    const query: ListQuery = { status: null, tags: [], order: 'newest', after: null, offset: 0, limit: 20, ...wish }
    check(query)
    return this.desk.ask({ kind: 'list', ...query, tags: [...new Set(query.tags)] })
  }
}

function check({ status, tags, offset, limit }: ListQuery): void {
  assert(Number.isSafeInteger(limit) && limit >= 0 && limit <= MAX_PAGE, 'a page has its limit')
  assert(Number.isSafeInteger(offset) && offset >= 0 && offset <= MAX_OFFSET, 'an offset has its limit')
  assert(status === null || LISTING_STATUS.test(status), 'a status is lower case')
  assert(tags.length <= MAX_ASKED_TAGS, 'a list is asked for by few tags')
  for (const tag of tags) assert(LISTING_TAG.test(tag), 'a tag is <name>:<value>')
}
