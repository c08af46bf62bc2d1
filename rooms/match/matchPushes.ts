// What the seats of a match are sent: what the match is, by its actor's durable records (A4), and after each step what
// their own seat may see, never another's.

import type { MatchView } from '../../actors/match/views.ts'
import type { AnyGame } from '../../shared/games/game.ts'
import type { ViewPush } from '../../shared/matchMessages.ts'
import type { MatchLoop } from './loop.ts'
import { matchNews, resultNews, settlementNews } from './matchNews.ts'
import type { Seats } from './seats.ts'

/** The room, as its match sees it. */
export interface MatchOutlet {
  tell(seat: number, type: string, payload: unknown): void
  release(seat: number, code: number): void
  end(code: number): void
}

export class MatchPushes {
  outlet: MatchOutlet | null = null
  private readonly seats: Seats
  private readonly game: AnyGame

  constructor(seats: Seats, game: AnyGame) {
    this.seats = seats
    this.game = game
  }

  /** All that is known of the match, to one seat. */
  greet(seat: number, view: MatchView): void {
    const { outlet } = this
    const news = matchNews(view, this.game)
    if (outlet === null || news === null || !this.seats.isHere(seat)) return
    outlet.tell(seat, 'match', { ...news, you: seat })
    const result = resultNews(view)
    if (result !== null) outlet.tell(seat, 'result', result)
    const settlement = settlementNews(view)
    if (settlement !== null) outlet.tell(seat, 'settlement', settlement)
    if (view.cancelled !== null) outlet.tell(seat, 'cancelled', { why: view.cancelled.why })
  }

  show(loop: MatchLoop): void {
    for (const seat of this.seats.players) {
      if (!this.seats.isHere(seat)) continue
      const push: ViewPush = {
        t: loop.tick,
        a: loop.played(seat),
        v: this.game.view(loop.state, { kind: 'seat', seat }),
      }
      this.outlet?.tell(seat, 'view', push)
    }
  }
}
