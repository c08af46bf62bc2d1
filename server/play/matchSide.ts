// Live matches of this process: one clock for all loops, the host that brings them up, and what the rooms are given.

import { matchMaker } from '@colyseus/core'
import { ChunkBus } from '../../rooms/match/chunkBus.ts'
import { EndedDesk } from '../../rooms/match/endedDesk.ts'
import { MatchHost } from '../../rooms/match/host.ts'
import type { MatchTimes } from '../../rooms/match/liveParts.ts'
import { LoopDriver } from '../../rooms/match/loopDriver.ts'
import { matchAsks } from '../../rooms/match/matchAsks.ts'
import { pause } from '../../rooms/match/matchEnd.ts'
import { provideMatchHost } from '../../rooms/match/matchRoom.ts'
import { provideReplayHost } from '../../rooms/match/replayRoom.ts'
import { WatchDesk } from '../../rooms/match/watchDesk.ts'
import { provideWatchHost } from '../../rooms/match/watchRoom.ts'
import { WatchStream } from '../../rooms/match/watchStream.ts'
import type { RoomIdentity } from '../../rooms/roomIdentity.ts'
import type { ErrorCode } from '../../shared/errors.ts'
import type { AnyGame } from '../../shared/games/game.ts'
import { GAMES, type GameRegistry } from '../../shared/games/registry.ts'
import type { UserId } from '../../shared/ids.ts'
import { RULES } from '../../shared/rules.ts'
import { openBlobs } from '../blobs/openBlobs.ts'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import { createObserver, type Metrics } from '../metrics.ts'
import type { MoneySide } from '../moneySide.ts'
import { nextRequestId, randomIds, systemClock, systemScheduler } from '../system.ts'
import { EvidenceTexts } from './evidenceTexts.ts'
import { loopMetrics } from './loopMetrics.ts'
import { watchLoops } from './loopWatchdog.ts'
import { RecordingFiles } from './recordingFiles.ts'
import { ReplayDesk } from './replayDesk.ts'
import { ShareTokens } from './shareTokens.ts'

export interface MatchSide {
  /** Matches are brought up from now on: rooms can be opened. */
  start(): void
  /** The room of this process in which a match is watched. */
  watchRoomOf(match: string): Promise<{ readonly roomId: string } | ErrorCode>
  /** The room of this process in which its players hear how a match ended. */
  endedRoomOf(match: string, user: UserId): Promise<{ readonly roomId: string } | ErrorCode>
  readonly replays: ReplayDesk
  readonly evidence: EvidenceTexts
  gameOf(id: string): AnyGame | null
  close(): Promise<void>
}

export interface MatchSideParts {
  readonly config: Config
  readonly money: MoneySide
  readonly metrics: Metrics
  readonly log: Log
  readonly identity: RoomIdentity
  readonly games?: GameRegistry
}

/** What a match may keep the main thread for, ms, before the process ends. */
const STUCK_MS = 10_000

export function openMatchSide({ config, money, metrics, log, identity, games = GAMES }: MatchSideParts): MatchSide {
  const { alarm } = createObserver(metrics, log)
  const opened = openBlobs(config.blobs)
  const watchdog = watchLoops(STUCK_MS)
  const driver = new LoopDriver({ elapsedMs: () => performance.now() }, systemScheduler, watchdog, (name, error) =>
    alarm('loop.threw', { name, error: String(error) }),
  )
  const chunks = new ChunkBus()
  const figures = loopMetrics(metrics)
  const { blobs } = opened
  const { rateLimits } = config
  const asks = matchAsks(money.actors, nextRequestId)
  const gameOf = (id: string) => games.get(id) ?? null
  const nowMs = (): number => systemClock.nowMs()
  const scheduler = systemScheduler
  const surroundings = { asks, blobs, driver, chunks, figures, alarm, nowMs, scheduler, times: TIMES, gameOf }
  const host = new MatchHost({
    ...surroundings,
    partitions: config.partitions,
    feed: money.actorFeed,
    owned: money.owned,
    openRoom: (match) => openRoom('match', match),
  })
  const ended = new EndedDesk({
    ...surroundings,
    newRoomId: () => `e_${randomIds.newId()}`,
    openRoom: (roomId) => openRoom('match', roomId),
  })
  const watching = new WatchDesk({
    ...{ asks, gameOf },
    newRoomId: () => `v_${randomIds.newId()}`,
    openRoom: (roomId) => openRoom('watch', roomId),
  })
  provideMatchHost({
    ...{ ...identity, rateLimits, nowMs },
    take: (roomId) => host.take(roomId) ?? ended.take(roomId),
    malformed: () => figures.malformed(),
  })
  provideWatchHost({
    ...{ ...identity, rateLimits },
    watched: (roomId) => watching.watched(roomId),
    gone: (roomId) => watching.gone(roomId),
    stream: (parts) =>
      new WatchStream({
        ...{ ...parts, blobs, chunks, driver, nowMs, failed: identity.failed },
        isPlayed: async () => {
          const view = await asks.view(parts.match)
          return typeof view === 'string' || view.status === 'live'
        },
      }),
  })
  const files = new RecordingFiles(blobs, gameOf)
  const replays = new ReplayDesk({ asks, files, shares: new ShareTokens(blobs, nowMs), gameOf, nowMs })
  provideReplayHost({
    ...{ ...identity, rateLimits, driver },
    async open(match, user) {
      const view = await replays.find(null, match, { user, shareToken: null })
      if (typeof view === 'string') return view
      const recording = await files.read(view)
      if (typeof recording === 'string') return recording
      const game = files.gameOfRecording(recording)
      return game === null ? 'replay.other_rules' : { recording, game }
    },
  })
  metrics.watch('leet_matches_live', () => host.playing)
  metrics.watch('leet_matches_watched', () => watching.watching)
  return {
    start: () => host.start(),
    watchRoomOf: (match) => watching.roomOf(match),
    endedRoomOf: (match, user) => ended.roomOf(match, user),
    ...{ replays, gameOf },
    evidence: new EvidenceTexts(blobs, (error) => log.error({ err: error }, 'evidence cannot be kept or read')),
    async close() {
      host.close()
      ended.close()
      driver.close()
      await watchdog.close()
      opened.close()
    },
  }
}

const TIMES: MatchTimes = Object.freeze({
  holdMs: RULES.reconnectionSeconds * 1_000,
  idleMs: 180_000,
  lingerMs: 60_000,
})

const LOOK_EVERY_MS = 10
const MOST_LOOKS = 500

/** C3: here, and with this id. No client can make one: what the room asks for by its id is there for the host's alone. */
async function openRoom(name: 'match' | 'watch', roomId: string): Promise<void> {
  // One of this name that is still going would take the new one's place in the directory away with it.
  for (let looks = 0; matchMaker.getLocalRoomById(roomId) !== undefined; looks++) {
    if (looks === MOST_LOOKS) throw new Error(`room ${roomId} does not go`)
    await pause(systemScheduler, LOOK_EVERY_MS)
  }
  await matchMaker.handleCreateRoom(name, {}, undefined, roomId)
}
