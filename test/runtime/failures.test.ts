// A6: whatever one command does, only that command fails; nothing of it is written, and everybody else goes on.

import { expect } from 'chai'
import type { ActorAddress } from '../../actors/runtime/answers.ts'
import { MAX_RECORD_BYTES } from '../../actors/runtime/codec.ts'
import type { ProbeCommand } from '../support/probeKind.ts'
import { RuntimeWorld } from '../support/runtimeWorld.ts'

const INTERNAL = { kind: 'refused', code: 'internal', seq: null }

const BAD: readonly (readonly [what: string, command: ProbeCommand])[] = [
  ['a decide that throws', { kind: 'throw', where: 'decide' }],
  ['an event that cannot be encoded', { kind: 'throw', where: 'encodeEvent' }],
  ['postings that do not balance (M2)', { kind: 'unbalanced' }],
  ['a record that is too large (J1)', { kind: 'big', bytes: MAX_RECORD_BYTES }],
  ['a command whose text cannot be made', { kind: 'throw', where: 'commandText' }],
]

async function probe(): Promise<{ world: RuntimeWorld; to: ActorAddress }> {
  const world = await RuntimeWorld.serving({ partitions: 1 })
  const to = world.address('probe', 0)
  await world.answer(to, { kind: 'note', text: 'before' })
  return { world, to }
}

describe('failures', () => {
  for (const [what, command] of BAD) {
    it(`${what} fails that command alone`, async () => {
      const { world, to } = await probe()
      const all = [
        world.ask(to, { kind: 'note', text: 'one' }, 'k1'),
        world.ask(to, command, 'k2'),
        world.ask(to, { kind: 'note', text: 'two' }, 'k3'),
      ]
      await world.time.settle()
      expect(all[1]?.value).to.deep.equal(INTERNAL)
      expect([all[0]?.value, all[2]?.value].map((answer) => answer?.kind)).to.deep.equal(['done', 'done'])
      expect(await world.log(to)).to.deep.equal(['before', 'one', 'two'])
      expect(world.records(0).map((record) => record.seq)).to.deep.equal([2, 3, 4])
      expect(world.alarmed('actor.threw')).to.have.length(1)
      await world.restart()
      expect(await world.log(to)).to.deep.equal(['before', 'one', 'two'])
    })

    it(`${what} fails that command alone, though its actor was being loaded`, async () => {
      const { world, to } = await probe()
      world.project()
      await world.restart()
      const other = world.address('probe', 0, 'other')
      const all = [
        world.ask(to, command, 'k2'),
        world.ask(to, { kind: 'note', text: 'one' }, 'k1'),
        world.ask(other, { kind: 'note', text: 'else' }),
      ]
      await settleQuietly(world)
      expect(all.map((pending) => pending.settled)).to.deep.equal([true, true, true])
      expect(all[0]?.value).to.deep.equal(INTERNAL)
      expect(await world.log(to)).to.deep.equal(['before', 'one'])
    })
  }

  it('the largest record that fits is written', async () => {
    const { world, to } = await probe()
    const empty = await lineBytes(world, to, 0)
    expect(await world.answer(to, { kind: 'big', bytes: MAX_RECORD_BYTES - empty + 1 })).to.deep.equal(INTERNAL)
    expect(await world.answer(to, { kind: 'big', bytes: MAX_RECORD_BYTES - empty })).to.include({ kind: 'done' })
  })

  for (const loaded of [true, false]) {
    it(`a view that throws fails that read alone, its actor ${loaded ? 'resident' : 'being loaded'}`, async () => {
      const { world, to } = await probe()
      if (!loaded) {
        world.project()
        await world.restart()
      }
      const [bad, good] = [world.read(to, 'throw'), world.read(to, 'log')]
      await settleQuietly(world)
      expect([bad.settled, good.settled]).to.deep.equal([true, true])
      expect(bad.value).to.deep.equal({ kind: 'refused', code: 'internal' })
      expect(good.value).to.deep.include({ kind: 'view', view: ['before'] })
    })
  }

  for (const id of ['', 'a"b', 'a\\b', 'a\nb', 'a b', 'a/b', 'ä', 'a'.repeat(129)]) {
    it(`an actor id that may not stand in a record is refused: ${JSON.stringify(id.slice(0, 9))}`, async () => {
      const { world } = await probe()
      const asked = world.ask({ kind: 'probe', id }, { kind: 'note', text: 'x' })
      await settleQuietly(world)
      await world.restart()
      expect([asked.value.kind, world.runtime.serving]).to.deep.equal(['refused', true])
    })
  }

  it('an envelope for an id that could not be read back fails its sender’s command', async () => {
    const { world, to } = await probe()
    const answer = await world.answer(to, { kind: 'tell', to: ['a"b'], message: { text: 'x' } })
    await world.restart()
    expect([answer.kind, world.runtime.serving]).to.deep.equal(['refused', true])
  })
})

/** The size of the next record's line beside `bytes` of reply. */
async function lineBytes(world: RuntimeWorld, to: ActorAddress, bytes: number): Promise<number> {
  await world.answer(to, { kind: 'big', bytes: bytes + 1 })
  const text = Buffer.from(world.journal.batches(0).at(-1)?.bytes ?? []).toString('utf8')
  return Buffer.byteLength(text.split('\n').at(-2) ?? '') + 1 - (bytes + 1)
}

/** As `settle`; a rejection that nobody handles is what the test is about, and must not end the process. */
async function settleQuietly(world: RuntimeWorld): Promise<void> {
  const others = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection')
  const ignore = (): void => {}
  process.on('unhandledRejection', ignore)
  try {
    await world.time.settle()
  } finally {
    process.off('unhandledRejection', ignore)
    for (const listener of others) process.on('unhandledRejection', listener)
  }
}
