// Recordings as whoever looks at them gets them: only what the actor's record has the hash of, from Blobs or from the few
// that were asked for lately.

import type { MatchView } from '../../actors/match/views.ts'
import type { Blobs } from '../../rooms/blobs.ts'
import type { Recording } from '../../rooms/match/recording.ts'
import { readRecording, recordingName, sha256 } from '../../rooms/match/recording.ts'
import type { ErrorCode } from '../../shared/errors.ts'
import type { AnyGame } from '../../shared/games/game.ts'

export type ReplayStatus = 'recording' | 'ready' | 'unavailable'

/** Recordings, inflated, kept in memory at a time (A5). */
const MAX_KEPT = 16

export class RecordingFiles {
  private readonly blobs: Blobs
  private readonly gameOf: (id: string) => AnyGame | null
  private readonly kept = new Map<string, Promise<Recording | ErrorCode>>()

  constructor(blobs: Blobs, gameOf: (id: string) => AnyGame | null) {
    this.blobs = blobs
    this.gameOf = gameOf
  }

  async bytes({ id, score }: MatchView): Promise<Uint8Array | ErrorCode> {
    if (score === null || score.recording === null) return 'replay.not_ready'
    let bytes: Uint8Array | null
    try {
      bytes = await this.blobs.get(recordingName(id, score.recording))
    } catch {
      return 'unavailable'
    }
    if (bytes === null) return 'not_found'
    return sha256(bytes) === score.recording ? bytes : 'replay.damaged'
  }

  read(view: MatchView): Promise<Recording | ErrorCode> {
    const known = this.kept.get(view.id)
    if (known !== undefined) return known
    const reading = this.open(view)
    this.kept.set(view.id, reading)
    void reading.then((read) => {
      if (typeof read === 'string') this.kept.delete(view.id)
    })
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= MAX_KEPT) break
      this.kept.delete(oldest)
    }
    return reading
  }

  /** The game as it was when this was recorded; null where its rules have changed since. */
  gameOfRecording({ head }: Recording): AnyGame | null {
    const game = this.gameOf(head.game)
    return game !== null && game.version === head.version ? game : null
  }

  private async open(view: MatchView): Promise<Recording | ErrorCode> {
    const bytes = await this.bytes(view)
    if (typeof bytes === 'string') return bytes
    const recording = await readRecording(bytes)
    if (recording === null) return 'replay.damaged'
    return this.gameOfRecording(recording) === null ? 'replay.other_rules' : recording
  }
}

export function replayStatus({ status, score }: MatchView): ReplayStatus {
  if (score?.recording != null) return 'ready'
  return status === 'live' || status === 'ready' || status === 'funding' ? 'recording' : 'unavailable'
}
