// Replays of matches that were played here, and what a match was like: asked by those who may see it. A recording is played
// again from its inputs for that, one at a time, in small steps between whatever else the process does (A5).

import { watchDelayMsOf } from '../../actors/match/minima.ts'
import type { MatchView } from '../../actors/match/views.ts'
import type { MatchAsks } from '../../rooms/match/matchAsks.ts'
import type { Recording } from '../../rooms/match/recording.ts'
import { replaySegment } from '../../rooms/match/resume.ts'
import type { ErrorCode } from '../../shared/errors.ts'
import { feed, type MatchAnalysis, startAnalysis } from '../../shared/games/analysis/analysis.ts'
import type { AnyGame } from '../../shared/games/game.ts'
import type { UserId } from '../../shared/ids.ts'
import type { RecordingFiles } from './recordingFiles.ts'
import type { ShareTokens } from './shareTokens.ts'

export interface ReplayDeskParts {
  readonly asks: Pick<MatchAsks, 'view'>
  readonly files: RecordingFiles
  readonly shares: ShareTokens
  gameOf(id: string): AnyGame | null
  nowMs(): number
}

/** Who asks: a user, or whoever holds a token of one. */
export interface Asker {
  readonly user: UserId | null
  readonly shareToken: string | null
}

/** Analyses kept (A5), and those that wait for the one under way. */
const MAX_KEPT = 32
const MAX_WAITING = 64
const TURN_MS = 8

export class ReplayDesk {
  readonly files: RecordingFiles
  readonly shares: ShareTokens
  private readonly parts: ReplayDeskParts
  private readonly kept = new Map<string, Promise<MatchAnalysis | ErrorCode>>()
  private turn: Promise<unknown> = Promise.resolve()
  private waiting = 0

  constructor(parts: ReplayDeskParts) {
    this.parts = parts
    this.files = parts.files
    this.shares = parts.shares
  }

  /** `game`: null for whichever. A match that the asker may not see is not there. */
  async find(game: string | null, match: string, asker: Asker): Promise<MatchView | ErrorCode> {
    const view = await this.parts.asks.view(match)
    if (typeof view === 'string') return view
    const { spec } = view
    if (spec === null || (game !== null && spec.game !== game)) return 'not_found'
    return (await this.maySee(view, asker)) ? view : 'not_found'
  }

  async analysis(view: MatchView): Promise<MatchAnalysis | ErrorCode> {
    const known = this.kept.get(view.id)
    if (known !== undefined) return known
    if (this.waiting >= MAX_WAITING) return 'overloaded'
    const analysing = this.after(() => this.analyse(view))
    this.kept.set(view.id, analysing)
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= MAX_KEPT) break
      this.kept.delete(oldest)
    }
    const analysis = await analysing
    if (typeof analysis === 'string') this.kept.delete(view.id)
    return analysis
  }

  /** Those seated at once, once there is a result; others when who looks on would have seen the end. */
  private async maySee(view: MatchView, { user, shareToken }: Asker): Promise<boolean> {
    const { score, seats, spec } = view
    if (user !== null && seats.some((seat) => seat.user === user)) return true
    if (shareToken !== null && (await this.parts.shares.matchOf(shareToken)) === view.id) return true
    if (user === null) return false
    return score === null || this.parts.nowMs() >= score.atMs + (spec === null ? 0 : watchDelayMsOf(spec))
  }

  private async analyse(view: MatchView): Promise<MatchAnalysis | ErrorCode> {
    const recording = await this.files.read(view)
    if (typeof recording === 'string') return recording
    const game = this.files.gameOfRecording(recording)
    return game === null ? 'replay.other_rules' : playForAnalysis(recording, game)
  }

  private after<T>(work: () => Promise<T>): Promise<T> {
    this.waiting++
    const done = this.turn.then(work).finally(() => {
      this.waiting--
    })
    this.turn = done.catch(() => {})
    return done
  }
}

async function playForAnalysis({ head, segments }: Recording, game: AnyGame): Promise<MatchAnalysis> {
  const analysis = startAnalysis(game, head.setup)
  const state: unknown = game.init(head.setup)
  let turnEndsMs = performance.now() + TURN_MS
  for (const segment of segments) {
    replaySegment(game, state, segment, (_tick, events) => feed(analysis, events, game.view(state, { kind: 'public' })))
    if (performance.now() < turnEndsMs) continue
    await new Promise((resolve) => setImmediate(resolve))
    turnEndsMs = performance.now() + TURN_MS
  }
  return analysis
}
