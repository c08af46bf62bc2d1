// The golden journal `match-1`: it has everything a match writes, and goes on.

import { expect } from 'chai'
import type { MatchView } from '../../actors/match/views.ts'
import { decodeBatch } from '../../actors/runtime/codec.ts'
import { MemoryJournal } from '../support/memoryJournal.ts'
import { RuntimeWorld } from '../support/runtimeWorld.ts'
import { goldenBatches, goldenStates } from './files.ts'

const JOURNAL = 'match-1'

describe('golden journal match-1', () => {
  const states = goldenStates(JOURNAL)
  const records = states.flatMap(({ partition }) =>
    goldenBatches(JOURNAL, partition).flatMap((bytes) => decodeBatch(bytes).records),
  )

  it('has everything a match writes, and what a wallet makes of it', () => {
    const tagsOf = (kind: string): readonly string[] => {
      const own = records.filter(({ actor }) => actor.startsWith(`${kind}/`))
      return [...new Set(own.flatMap(({ events }) => events.map((event) => (event as readonly string[])[0] ?? '')))]
    }
    expect([...tagsOf('match')].sort()).to.deep.equal(
      [
        ...[
          'created',
          'staked',
          'accepted',
          'readied',
          'arrived',
          'forfeited',
          'started',
          'resumed',
          'extended',
          'told',
        ],
        ...['scored', 'score_moved', 'conciliated', 'finished', 'disputed', 'evidence', 'voted', 'withdrawn'],
        ...['window_closed', 'ruling_proposed', 'ruling_rejected', 'cancelled', 'settled', 'unclaimed', 'paid_again'],
      ].sort(),
    )
    expect(tagsOf('wallet')).to.include.members(['staked', 'prize', 'refunded'])
  })

  it('goes on: what waited comes to its end', async () => {
    const past = MemoryJournal.of(
      states.map(({ partition }) => [partition, goldenBatches(JOURNAL, partition)] as const),
    )
    const world = await RuntimeWorld.serving({ partitions: states.length, past })
    for (let hour = 0; hour < 24; hour++) await world.time.advance(3_600_000)
    for (const id of ['m_kept', 'm_down', 'm_free']) {
      const pending = world.read({ kind: 'match', id }, { kind: 'state' })
      await world.time.settle()
      const answer = pending.value
      expect(answer.kind === 'view' && (answer.view as MatchView).status, id).to.be.oneOf(['settled', 'cancelled'])
    }
    expect(world.inTransit()).to.equal(0n)
  })
})
