// What is recorded of a match is read back as the same match: after a crash, by another owner, and when it is over.

import { expect } from 'chai'
import fc from 'fast-check'
import { type Ancestor, type Chunk, chunkName, decodeChunk, encodeChunk } from '../../rooms/match/chunk.ts'
import type { Frame } from '../../rooms/match/loop.ts'
import { Recorder } from '../../rooms/match/recorder.ts'
import { assemble, outcomeHash, readRecording, sha256, verifyRecording } from '../../rooms/match/recording.ts'
import { readBack } from '../../rooms/match/resume.ts'
import type { SeatChange, SeatInput } from '../../shared/games/game.ts'
import { ManualTime } from '../support/manualTime.ts'
import { MemoryBlobs } from '../support/memoryBlobs.ts'
import { type TinyInput, type TinyState, tinyGame, tinySetup } from '../support/tinyGame.ts'

const MATCH = 'm_test'
const HZ = 20
const game = tinyGame()

/** Plays and records a match as a loop would, by one owner after the other. */
class Tape {
  readonly blobs = new MemoryBlobs()
  readonly time = new ManualTime(1_700_000_000_000)
  readonly troubles: string[] = []
  readonly chunks: Chunk[] = []
  readonly setup = tinySetup(3)
  state: TinyState = game.init(this.setup)
  tick = 0
  lineage: readonly Ancestor[] = []
  epoch = 0
  recorder: Recorder = this.own(3)

  own(epoch: number): Recorder {
    this.epoch = epoch
    this.recorder = new Recorder(
      {
        ...{ match: MATCH, epoch, game, setup: this.setup, lineage: this.lineage, blobs: this.blobs },
        ...{ scheduler: this.time, watchDelayMs: 0, nowMs: () => this.time.nowMs() },
        made: (chunk) => this.chunks.push(chunk),
        trouble: (what) => this.troubles.push(what),
      },
      this.tick,
    )
    return this.recorder
  }

  play(
    ticks: number,
    input: (tick: number) => readonly SeatInput<TinyInput>[] = nobody,
    changes: readonly SeatChange[] = [],
  ): void {
    for (let index = 0; index < ticks; index++) {
      this.tick++
      const inputs = input(this.tick)
      const changed = index === 0 ? changes : []
      const events = game.step(this.state, inputs, changed)
      const frame: Frame = { tick: this.tick, inputs, changes: changed, events, state: this.state }
      this.recorder.add(frame)
    }
  }

  async readBack(resumed: number | null, mine: number) {
    return readBack(this.blobs, game, MATCH, resumed, mine)
  }

  get bytes(): string {
    return Buffer.from(game.serialise(this.state)).toString()
  }
}

const stateText = (state: unknown): string => Buffer.from(game.serialise(state as TinyState)).toString() // the game's own
const nobody = (): readonly SeatInput<TinyInput>[] => []
const seatZero = (tick: number): readonly SeatInput<TinyInput>[] =>
  tick % 7 === 0 ? [{ seat: 0, input: { add: 1 } }] : []

async function started(): Promise<Tape> {
  const tape = new Tape()
  await tape.recorder.start(tape.state)
  return tape
}

describe('a chunk', () => {
  it('is read back as it was written; what is damaged is none', async () => {
    const tape = await started()
    tape.play(HZ, seatZero, [{ seat: 2, change: 'away' }])
    await tape.recorder.written()
    const [, chunk] = tape.chunks
    if (chunk === undefined) throw new Error('no chunk')
    const bytes = await encodeChunk(chunk)
    expect(await decodeChunk(bytes)).to.deep.equal({ ...chunk, checkpoint: null })
    for (let cut = 0; cut < bytes.length; cut += 7) expect(await decodeChunk(bytes.subarray(0, cut))).to.equal(null)
  })

  it('has the public views only, ten a second', async () => {
    const tape = await started()
    tape.play(HZ, seatZero)
    const views = tape.chunks.at(-1)?.views ?? []
    expect(views.map(([tick]) => tick)).to.deep.equal([2, 4, 6, 8, 10, 12, 14, 16, 18, 20])
    expect(JSON.stringify(views)).to.not.include('secret')
  })
})

describe('a match read back', () => {
  it('is at the end of its newest chunk, from checkpoint and inputs', async () => {
    const tape = await started()
    tape.play(13 * HZ, seatZero, [{ seat: 1, change: 'left' }])
    await tape.recorder.written()
    const [state, tick] = [tape.bytes, tape.tick]
    tape.play(HZ / 2, seatZero)
    const found = await tape.readBack(null, 9)
    if (found.kind !== 'found') throw new Error(found.why)
    expect([stateText(found.state), found.tick]).to.deep.equal([state, tick])
    expect(found.lineage).to.deep.equal([[3, tick]])
    expect(found.gone).to.deep.equal([1])
  })

  it('a hand-over loses nothing', async () => {
    const tape = await started()
    tape.play(3 * HZ + 7, seatZero)
    await tape.recorder.finish(tape.state, false)
    const found = await tape.readBack(null, 9)
    if (found.kind !== 'found') throw new Error(found.why)
    expect([stateText(found.state), found.tick]).to.deep.equal([tape.bytes, tape.tick])
  })

  it('a hole ends it: what comes after a chunk that is missing or damaged is not part of it', async () => {
    for (const damage of ['missing', 'damaged'] as const) {
      const tape = await started()
      tape.play(9 * HZ, seatZero)
      await tape.recorder.written()
      const name = chunkName(MATCH, 3, 7)
      if (damage === 'missing') tape.blobs.all.delete(name)
      else tape.blobs.all.set(name, new Uint8Array([1, 2, 3]))
      const found = await tape.readBack(null, 9)
      expect(found.kind === 'found' ? found.tick : found.why).to.equal(6 * HZ)
    }
  })

  it('nothing is found where nothing was written, and rules of another version are told apart', async () => {
    const tape = new Tape()
    expect(await tape.readBack(null, 9)).to.deep.equal({ kind: 'nothing', why: 'no_chunks' })
    await tape.recorder.start(tape.state)
    const other = await readBack(tape.blobs, { ...game, version: 2 }, MATCH, null, 9)
    expect(other).to.deep.equal({ kind: 'nothing', why: 'other_rules' })
  })

  it('an owner that the actor never heard of, or a later one, does not count', async () => {
    const tape = await started()
    tape.play(2 * HZ, seatZero)
    await tape.recorder.written()
    // It read back and wrote, but its resume was never durable.
    tape.lineage = [[3, HZ]]
    tape.own(5)
    await tape.recorder.start(tape.state)
    await tape.own(11).start(tape.state)
    const found = await tape.readBack(null, 9)
    expect(found.kind === 'found' ? [found.tick, found.lineage] : found.why).to.deep.equal([2 * HZ, [[3, 2 * HZ]]])
  })

  it('after a resume it is what that owner wrote, on top of what it began with', async () => {
    const tape = await started()
    tape.play(2 * HZ, seatZero)
    await tape.recorder.written()
    tape.lineage = [[3, 2 * HZ]]
    await tape.own(5).start(tape.state)
    tape.play(3 * HZ, seatZero)
    await tape.recorder.written()
    const found = await tape.readBack(5, 9)
    if (found.kind !== 'found') throw new Error(found.why)
    expect(found.lineage).to.deep.equal([
      [3, 2 * HZ],
      [5, 5 * HZ],
    ])
    expect(stateText(found.state)).to.equal(tape.bytes)
  })

  it('rejects where Blobs do not answer: that is not the same as nothing', async () => {
    const tape = await started()
    tape.blobs.isAway = true
    expect(await tape.readBack(null, 9).catch(() => 'rejected')).to.equal('rejected')
  })
})

describe('blobs that are away', () => {
  it('do not hold the match up; once back, everything is written', async () => {
    const tape = await started()
    tape.blobs.isAway = true
    tape.play(10 * HZ, seatZero)
    await tape.time.advance(2_000)
    tape.blobs.isAway = false
    await tape.time.drive(tape.recorder.written())
    const found = await tape.readBack(null, 9)
    expect(found.kind === 'found' ? found.tick : found.why).to.equal(10 * HZ)
    expect(tape.recorder.isWhole).to.equal(true)
  })

  it('for long: the memory is bounded, and what is lost is said', async () => {
    const tape = await started()
    tape.blobs.isAway = true
    tape.play(90 * HZ, seatZero)
    await tape.time.advance(1_000)
    expect(tape.recorder.isWhole).to.equal(false)
    expect(tape.troubles.filter((what) => what === 'given_up')).to.have.length(30)
    tape.blobs.isAway = false
    await tape.time.drive(tape.recorder.written())
    expect(tape.blobs.all.size).to.equal(61)
    tape.recorder.close()
  })
})

describe('the recording of a match that is over', () => {
  async function over(): Promise<{ tape: Tape; bytes: Uint8Array; outcomeHash: string }> {
    const tape = await started()
    tape.play(2 * HZ, seatZero)
    await tape.recorder.written()
    tape.lineage = [[3, 2 * HZ]]
    await tape.own(5).start(tape.state)
    tape.play(7 * HZ + 3, (tick) => [{ seat: tick % 3, input: { add: 1 } }])
    await tape.recorder.finish(tape.state, true)
    const outcome = game.outcome(tape.state)
    if (outcome === null) throw new Error('not over')
    const lineage: readonly Ancestor[] = [...tape.lineage, [5, tape.tick]]
    const hash = outcomeHash(game, tape.tick, outcome, tape.state)
    const recording = await assemble(tape.blobs, {
      ...{ match: MATCH, game: game.id, version: 1, hz: HZ, setup: tape.setup, ticks: tape.tick, lineage },
      ...{ endedAtMs: 0, watchDelayMs: 0, outcome, hash },
    })
    if (recording === null) throw new Error('not whole')
    return { tape, bytes: recording.bytes, outcomeHash: hash }
  }
  const gameOf = () => game

  it('plays again to the same outcome', async () => {
    const { bytes, outcomeHash: hash, tape } = await over()
    const verdict = await verifyRecording(bytes, { outcomeHash: hash, recordingSha256: sha256(bytes) }, gameOf)
    expect(verdict).to.deep.equal({ kind: 'verified', ticks: tape.tick })
    const recording = await readRecording(bytes)
    expect(recording?.segments.reduce((sum, { from, to }) => sum + to - from, 0)).to.equal(tape.tick)
    expect(recording?.segments.flatMap(({ events }) => events).length).to.be.greaterThan(100)
  })

  it('another outcome, other bytes, or other rules are found out', async () => {
    const { bytes, outcomeHash: hash } = await over()
    const verdicts = await Promise.all([
      verifyRecording(bytes, { outcomeHash: 'f'.repeat(64), recordingSha256: null }, gameOf),
      verifyRecording(bytes, { outcomeHash: hash, recordingSha256: 'f'.repeat(64) }, gameOf),
      verifyRecording(bytes, { outcomeHash: hash, recordingSha256: null }, () => tinyGame({ version: 2 })),
      verifyRecording(bytes.subarray(9), { outcomeHash: hash, recordingSha256: null }, gameOf),
    ])
    expect(verdicts.map(({ kind }) => kind)).to.deep.equal(['differs', 'differs', 'unreadable', 'unreadable'])
  })

  it('is not made where a chunk is missing', async () => {
    const { tape } = await over()
    tape.blobs.all.delete(chunkName(MATCH, 5, 3))
    const outcome = game.outcome(tape.state)
    if (outcome === null) throw new Error('not over')
    const recording = await assemble(tape.blobs, {
      ...{ match: MATCH, game: game.id, version: 1, hz: HZ, setup: tape.setup, ticks: tape.tick },
      ...{ lineage: [...tape.lineage, [5, tape.tick]], endedAtMs: 0, watchDelayMs: 0, outcome, hash: '' },
    })
    expect(recording).to.equal(null)
  })
})

it('whenever an owner dies, the next one has every whole chunk, and plays on to the same state', async () => {
  const lives = fc.array(fc.record({ ticks: fc.integer({ min: 0, max: 90 }), drained: fc.boolean() }), {
    ...{ minLength: 1, maxLength: 4 },
  })
  await fc.assert(
    fc.asyncProperty(lives, async (owners) => {
      const tape = await started()
      const inputs = new Map<number, readonly SeatInput<TinyInput>[]>()
      let resumed: number | null = null
      for (const [index, { ticks, drained }] of owners.entries()) {
        tape.play(ticks, (tick) => {
          const input = [{ seat: (tick + index) % 3, input: { add: 1 } }]
          inputs.set(tick, tick % 5 === 0 ? input : [])
          return inputs.get(tick) ?? []
        })
        if (drained) await tape.recorder.finish(tape.state, false)
        await tape.recorder.written()
        const epoch = tape.epoch + 2
        const found = await tape.readBack(resumed, epoch)
        if (found.kind !== 'found') throw new Error(found.why)
        expect(tape.tick - found.tick).to.be.lessThan(drained ? 1 : HZ)
        const again = game.init(tape.setup)
        for (let tick = 1; tick <= found.tick; tick++) game.step(again, inputs.get(tick) ?? [], [])
        expect(stateText(found.state)).to.equal(stateText(again))
        tape.state = found.state as TinyState // the game's own
        tape.tick = found.tick
        tape.lineage = found.lineage
        await tape.own(epoch).start(tape.state)
        resumed = epoch
      }
    }),
    { numRuns: 40 },
  )
})
