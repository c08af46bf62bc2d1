// The projector as a fold (S1, J4): what it writes, when it halts, how it survives a store that fails, and that it comes
// to the same wherever it was stopped and taken up again.

import { expect } from 'chai'
import type { ProjectionWrite } from '../../actors/projection/ports.ts'
import { Projector } from '../../actors/projection/projector.ts'
import type { StoredBatch } from '../../actors/runtime/ports.ts'
import type { BatchHeader } from '../../actors/runtime/record.ts'
import { recordId } from '../../shared/ids.ts'
import { partitionOf } from '../../shared/partition.ts'
import { command, move, PartitionLog } from '../support/batches.ts'
import { deposit, KINDS, receive, refuse, send, takeBack } from '../support/counterKind.ts'
import { MemoryProjectionStore } from '../support/projectionStore.ts'

const PARTITIONS = 16
const homeOf = (id: string): number => partitionOf(`counter/${id}`, PARTITIONS)
const logOf = (id: string): PartitionLog => new PartitionLog(homeOf(id), PARTITIONS)

interface Made {
  readonly store: MemoryProjectionStore
  readonly projector: Projector
  readonly halts: string[]
}

async function make(
  partitions: readonly number[],
  { store = new MemoryProjectionStore(), snapshotEvery = 1_000, restingActors = 1_000 } = {},
): Promise<Made> {
  const halts: string[] = []
  const onHalt = (partition: number, reason: string): void => void halts.push(`${partition}: ${reason}`)
  const projector = new Projector({ kinds: KINDS, store, snapshotEvery, restingActors, onHalt })
  await projector.resume(partitions)
  return { store, projector, halts }
}

/** Batches of four deposits each, to a handful of counters. */
function deposits(log: PartitionLog, batches: number, header: Partial<BatchHeader>[] = []): StoredBatch[] {
  return Array.from({ length: batches }, (_, batch) => {
    for (let index = 0; index < 4; index++) deposit(log, `c${(batch + index) % 7}`, BigInt(1 + index))
    return log.cutAt(batch + 1, header[batch])
  })
}

const failure = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'did not fail',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )

describe('projector', () => {
  describe('writes', () => {
    /** Everything written about one sender's and one receiver's log. */
    async function written(build: (ann: PartitionLog, bob: PartitionLog) => void): Promise<ProjectionWrite> {
      const [ann, bob] = [logOf('ann'), logOf('bob')]
      build(ann, bob)
      const { store, projector } = await make([ann.partition, bob.partition])
      await projector.take([ann.cutAt(1), ...(bob.pending > 0 ? [bob.cutAt(1)] : [])])
      const [write] = store.writes
      if (write === undefined) throw new Error('nothing was written')
      return write
    }

    it('a line for each leg on an owned account, and the last balance of every account', async () => {
      const write = await written((ann) => {
        deposit(ann, 'ann', 100n)
        deposit(ann, 'ann', 20n)
      })
      expect(
        write.entries.map((entry) => [entry.seq, entry.leg, entry.account, entry.side, entry.balanceAfterMinor]),
      ).to.deep.equal([
        [1, 1, '2001:ann', 'credit', 100n],
        [2, 1, '2001:ann', 'credit', 120n],
      ])
      expect(write.balances.map(({ account, seq, balanceMinor }) => [account, seq, balanceMinor])).to.deep.equal([
        ['1002', 2, 120n],
        ['2001:ann', 2, 120n],
      ])
    })

    it('keys of commands, refused ones too, and none of envelopes', async () => {
      const write = await written((ann, bob) => {
        deposit(ann, 'ann', 100n, 'one')
        const sent = send(ann, 'ann', 'bob', 1n, 'two')
        ann.add({
          actor: 'counter/ann',
          cause: command('send', 'three'),
          outcome: { kind: 'refused', code: 'not_found' },
        })
        receive(bob, sent)
      })
      expect(write.keys.map(({ key, actor, seq, refused }) => [key, actor, seq, refused])).to.deep.equal([
        ['one', 'counter/ann', 1, null],
        ['two', 'counter/ann', 2, null],
        ['three', 'counter/ann', 3, 'not_found'],
      ])
    })

    it('watermarks, and what became of envelopes that were not accepted', async () => {
      const write = await written((ann, bob) => {
        deposit(ann, 'ann', 100n)
        const [first, second] = [send(ann, 'ann', 'bob', 1n), send(ann, 'ann', 'bob', 2n)]
        receive(bob, first)
        takeBack(ann, refuse(bob, second), recordId(ann.partition, second.seq))
      })
      const [ann, bob] = [homeOf('ann'), homeOf('bob')]
      expect([...write.watermarks].sort()).to.deep.equal(
        [
          [ann, bob, 1],
          [bob, ann, 2],
        ].sort(),
      )
      // Said by both ends: the receiver's refusal, and the sender's own record.
      expect(write.fates).to.deep.equal([
        { partition: ann, seq: 3, fate: 'failed', bySeq: 4 },
        { partition: ann, seq: 3, fate: 'failed', bySeq: 2 },
      ])
    })

    it('for each leg the envelope that carries it', async () => {
      const usd = (amountMinor: bigint) => ({ asset: 'USD', amountMinor })
      const write = await written((ann) => {
        ann.add({
          actor: 'counter/ann',
          cause: command('settle', 'k'),
          operation: 'prize_payout',
          events: [['added', '0']],
          postings: [
            ...move('USD', 60n, '2002:ann', '2006'),
            ...move('USD', 60n, '2002:ann', '2006'),
            ...move('USD', 10n, '2002:ann', '4001'),
            ...move('USDC', 5n, '2001:ann', '2005:ann'),
          ],
          outbox: [
            { to: 'counter/bob', name: 'receive', money: usd(60n) },
            { to: 'counter/cyd', name: 'note', money: null },
            { to: 'counter/dan', name: 'receive', money: usd(60n) },
          ],
        })
      })
      const sent = write.entries.map(({ leg, account, sentTo }) => [leg, account, sentTo?.destination ?? null])
      expect(sent).to.deep.equal([
        [0, '2002:ann', homeOf('bob')],
        [2, '2002:ann', homeOf('dan')],
        [4, '2002:ann', homeOf('dan')],
        [6, '2001:ann', null],
        [7, '2005:ann', null],
      ])
    })
  })

  describe('rounds', () => {
    it('come about every so many records, cover everything touched, and are told', async () => {
      const log = new PartitionLog(2, PARTITIONS)
      const { store, projector } = await make([2], { snapshotEvery: 10 })
      const told: unknown[] = []
      for (const batch of deposits(log, 6)) told.push(...(await projector.take([batch])))
      expect(told.map((progress) => Object.values(progress as object))).to.deep.equal([
        [2, 4, 0],
        [2, 8, 0],
        [2, 12, 12],
        [2, 16, 12],
        [2, 20, 12],
        [2, 24, 24],
      ])
      expect(store.partitions.get(2)).to.deep.include({ seq: 24, position: 6, hash: log.hash })
      expect([...store.actors.keys()].sort()).to.deep.equal(
        Array.from({ length: 7 }, (_, index) => `counter/c${index}`),
      )
    })

    it('do not come for all partitions in one take', async () => {
      const logs = [1, 2, 3].map((partition) => new PartitionLog(partition, PARTITIONS))
      const { store, projector } = await make([1, 2, 3], { snapshotEvery: 8 })
      const batches = logs.map((log) => deposits(log, 6))
      for (let batch = 0; batch < 6; batch++) await projector.take(batches.flatMap((own) => own[batch] ?? []))
      expect(store.writes.map((write) => write.partitions.length)).to.deep.equal([0, 1, 1, 1, 1, 1])
    })

    it('when idle cover what is left, once', async () => {
      const log = new PartitionLog(2, PARTITIONS)
      const { store, projector } = await make([2])
      await projector.take(deposits(log, 2))
      expect(projector.roundDue).to.equal(true)
      expect(await projector.round()).to.deep.equal([{ partition: 2, projectedSeq: 8, snapshotSeq: 8 }])
      expect([projector.roundDue, await projector.round(), store.writes.length]).to.deep.equal([false, [], 2])
    })

    it('come to the same however few actors are kept in memory (J4)', async () => {
      const images = []
      for (const restingActors of [0, 3, 1_000]) {
        const { store, projector } = await make([2, 3], { snapshotEvery: 10, restingActors })
        const slow = new PartitionLog(3, PARTITIONS)
        const batches = deposits(new PartitionLog(2, PARTITIONS), 30)
        for (const batch of batches) {
          await projector.take([batch])
          // Touched between the rounds of the other partition, and waiting for its own.
          deposit(slow, `s${batch.position % 3}`, 1n)
          await projector.take([slow.cutAt(batch.position)])
        }
        await projector.round()
        images.push([[...store.actors].sort(), store.partitions.get(2)])
      }
      expect(images[1]).to.deep.equal(images[2])
      expect(images[0]).to.deep.equal(images[2])
    })
  })

  describe('taken up again', () => {
    for (let stopAfter = 0; stopAfter <= 9; stopAfter++) {
      it(`after ${stopAfter} of 9 batches comes to the same`, async () => {
        const batches = deposits(new PartitionLog(2, PARTITIONS), 9)
        const whole = await make([2], { snapshotEvery: 10 })
        for (const batch of batches) await whole.projector.take([batch])
        await whole.projector.round()

        const first = await make([2], { snapshotEvery: 10 })
        for (const batch of batches.slice(0, stopAfter)) await first.projector.take([batch])
        const { store } = first
        const projector = new Projector({ kinds: KINDS, store, snapshotEvery: 10 })
        const from = (await projector.resume([2])).get(2) ?? 0
        expect(from).to.equal(store.partitions.get(2)?.position ?? 0)
        expect(projector.progress()[0]?.projectedSeq).to.equal(stopAfter * 4)
        const before = store.writes.length
        await projector.take(batches.filter(({ position }) => position > from))
        await projector.round()
        const rows = store.writes.slice(before).flatMap(({ entries, keys }) => [...entries, ...keys])
        expect(
          rows.every(({ seq }) => seq > stopAfter * 4),
          'what the store has is not written again',
        ).to.equal(true)
        expect([...store.actors].sort()).to.deep.equal([...whole.store.actors].sort())
        expect(store.partitions.get(2)).to.deep.equal(whole.store.partitions.get(2))
        expect(store.checkpoints.get(2)).to.deep.equal(whole.store.checkpoints.get(2))
      })
    }

    it('hands over the keys of what no round had covered, and what was taken from whom (M6, M9)', async () => {
      const [ann, bob] = [logOf('ann'), logOf('bob')]
      const sent = [1n, 2n].map((amountMinor) => send(ann, 'ann', 'bob', amountMinor))
      for (const envelope of sent) receive(bob, envelope)
      deposit(bob, 'bob', 5n, 'mine')
      const batch = bob.cutAt(1)
      const { store, projector } = await make([bob.partition])
      await projector.take([batch])
      const again = await make([bob.partition], { store })
      await again.projector.take([batch])
      const [first, second] = store.writes
      expect(first?.replayed).to.deep.equal([])
      expect(first?.checkpoints[0]?.watermarks).to.deep.equal([[ann.partition, 2]])
      const { partition } = bob
      const { keys } = first ?? { keys: [] }
      expect(keys.map(({ key }) => key)).to.deep.equal(['mine'])
      expect(second).to.deep.include({ batches: [], keys: [], checkpoints: [] })
      expect(second?.replayed).to.deep.equal([{ partition, firstSeq: 1, lastSeq: 3, keys }])
    })

    it('does not fold into an actor what its snapshot has (J4)', async () => {
      const batches = deposits(new PartitionLog(2, PARTITIONS), 6)
      const part = await make([2])
      await part.projector.take(batches.slice(0, 4))
      await part.projector.round()
      const whole = await make([2])
      await whole.projector.take(batches)
      await whole.projector.round()
      // Written in part: an adapter without transactions had got to the actors, and no further.
      const store = new MemoryProjectionStore()
      for (const [actor, snapshot] of part.store.actors) store.actors.set(actor, snapshot)
      const { projector } = await make([2], { store })
      await projector.take(batches)
      await projector.round()
      expect([...store.actors].sort()).to.deep.equal([...whole.store.actors].sort())
    })

    it('halts where the journal differs from what the store was made from', async () => {
      const log = new PartitionLog(2, PARTITIONS)
      const { store, projector } = await make([2])
      await projector.take(deposits(log, 2))
      const other = new PartitionLog(2, PARTITIONS)
      for (const twisted of [
        deposits(other, 2, [{ epoch: 2 }, { epoch: 2 }]),
        deposits(new PartitionLog(2, PARTITIONS), 1),
      ]) {
        const again = await make([2], { store })
        const extra = twisted.length === 2 ? twisted : [joined()]
        await again.projector.take(extra)
        expect(again.halts.join()).to.match(/journal differs from what the store was made from/)
      }
    })

    /** The same records in one batch where the store had seen two. */
    function joined(): StoredBatch {
      const log = new PartitionLog(2, PARTITIONS)
      for (let index = 0; index < 12; index++) deposit(log, 'c1', 1n)
      return log.cutAt(1)
    }
  })

  describe('halts rather than skip (S1)', () => {
    const log = (): PartitionLog => new PartitionLog(2, PARTITIONS)
    const third = (header: Partial<BatchHeader>): StoredBatch[] => deposits(log(), 5, [{}, {}, header])
    const cases: readonly (readonly [string, () => StoredBatch[], RegExp])[] = [
      ['at a gap', () => deposits(log(), 5).toSpliced(2, 1), /2:13: gap, expected seq 9/],
      ['at a batch sent backwards', () => third({ firstSeq: 5 }), /found seq 9|gap/],
      ['at a cut chain', () => third({ previousHash: 'e'.repeat(64) }), /2:9: hash chain is cut/],
      ['at an old epoch', () => deposits(log(), 5, [{ epoch: 7 }, { epoch: 7 }, { epoch: 6 }]), /2:9: epoch 6 after 7/],
      ['at the batch of another partition', () => third({ partition: 5 }), /batch of partition 5/],
      ['at a miscounted batch', () => third({ count: 3 }), /4 records, header says 3/],
      ['at an event nobody understands', () => broken(['melted']), /no counter event melted/],
      ['at an actor of no kind', () => broken(['added', '1'], 'ghost/g'), /no kind of actor for ghost\/g/],
    ]
    function broken(event: string[], actor = 'counter/c1'): StoredBatch[] {
      const own = log()
      const batches = deposits(own, 2)
      deposit(own, 'c2', 9n)
      own.add({ actor, cause: command('add', 'k'), events: [event] })
      batches.push(own.cutAt(3))
      deposit(own, 'c3', 9n)
      return [...batches, own.cutAt(4)]
    }

    for (const [what, batches, says] of cases) {
      it(`${what}: nothing of it or after it is written, and the rest goes on`, async () => {
        const { store, projector, halts } = await make([2, 3], { snapshotEvery: 12 })
        const other = deposits(new PartitionLog(3, PARTITIONS), 5)
        await projector.take([...batches(), ...other])
        await projector.take(batches().slice(-1))
        await projector.round()
        expect(halts).to.have.length(1)
        expect(projector.halted.get(2)).to.match(says)
        expect(store.checkpoints.get(2)?.seq).to.equal(8)
        expect(store.partitions.has(2)).to.equal(false)
        expect(store.checkpoints.get(3)?.seq).to.equal(20)
        const seqs = store.writes.flatMap(({ entries }) => entries.filter(({ partition }) => partition === 2))
        expect(Math.max(...seqs.map(({ seq }) => seq))).to.equal(8)
      })
    }

    it('takes a batch again without a word', async () => {
      const batches = deposits(log(), 3)
      const { store, projector, halts } = await make([2])
      await projector.take(batches)
      expect(await projector.take(batches)).to.deep.equal([])
      expect([halts, store.writes.length]).to.deep.equal([[], 1])
    })
  })

  describe('with a store that fails', () => {
    it('keeps the write, tells of nothing, and writes the same when asked again', async () => {
      const [one, two] = [deposits(new PartitionLog(2, PARTITIONS), 4), await make([2], { snapshotEvery: 8 })]
      const { store, projector } = two
      store.failing = 'writes'
      expect(await failure(projector.take(one.slice(0, 2)))).to.equal('the store is down')
      expect(await failure(projector.take(one.slice(0, 2)))).to.equal('the store is down')
      store.failing = 'no'
      expect(await projector.take(one.slice(0, 2))).to.deep.equal([{ partition: 2, projectedSeq: 8, snapshotSeq: 8 }])
      expect(await projector.take(one.slice(2))).to.deep.equal([{ partition: 2, projectedSeq: 16, snapshotSeq: 16 }])
      const straight = await make([2], { snapshotEvery: 8 })
      await straight.projector.take(one.slice(0, 2))
      await straight.projector.take(one.slice(2))
      expect(store.writes).to.deep.equal(straight.store.writes)
    })

    it('writes what it had folded when a read fails half-way, and goes on from there', async () => {
      const batches = deposits(new PartitionLog(2, PARTITIONS), 4)
      const { store, projector } = await make([2])
      await projector.take(batches.slice(0, 1))
      store.failing = 'reads'
      expect(await failure(projector.take(batches))).to.equal('the store is down')
      store.failing = 'no'
      await projector.take(batches)
      await projector.round()
      const whole = await make([2])
      await whole.projector.take(batches)
      await whole.projector.round()
      expect([...store.actors].sort()).to.deep.equal([...whole.store.actors].sort())
      expect(store.writes.flatMap(({ entries }) => entries)).to.deep.equal(
        whole.store.writes.flatMap(({ entries }) => entries),
      )
    })

    it('takes partitions up all or none, so that it can be asked again', async () => {
      const batches = [2, 3].map((partition) => deposits(new PartitionLog(partition, PARTITIONS), 2))
      const before = await make([2, 3], { snapshotEvery: 4 })
      for (const [first] of batches) if (first !== undefined) await before.projector.take([first])
      const { store } = before
      const projector = new Projector({ kinds: KINDS, store })
      const read = store.partitionSnapshot.bind(store)
      store.partitionSnapshot = async (partition) => {
        if (partition === 3) throw new Error('the store is down')
        return read(partition)
      }
      expect(await failure(projector.resume([2, 3]))).to.equal('the store is down')
      expect(projector.progress(), 'nothing half taken up').to.deep.equal([])
      store.partitionSnapshot = read
      expect([...(await projector.resume([2, 3]))]).to.deep.equal([
        [2, 1],
        [3, 1],
      ])
      expect(await projector.take(batches.flat())).to.deep.equal([
        { partition: 2, projectedSeq: 8, snapshotSeq: 4 },
        { partition: 3, projectedSeq: 8, snapshotSeq: 4 },
      ])
      expect(await failure(projector.resume([3]))).to.equal('partition 3 is resumed already')
    })

    it('flushes what was kept', async () => {
      const { store, projector } = await make([2])
      store.failing = 'writes'
      await failure(projector.take(deposits(new PartitionLog(2, PARTITIONS), 1)))
      store.failing = 'no'
      expect(await projector.flush()).to.deep.equal([{ partition: 2, projectedSeq: 4, snapshotSeq: 0 }])
    })
  })

  it('takes one call at a time', async () => {
    const { projector } = await make([2])
    const batches = deposits(new PartitionLog(2, PARTITIONS), 1)
    const outcomes = await Promise.all([failure(projector.take(batches)), failure(projector.take(batches))])
    expect(outcomes).to.deep.equal(['did not fail', 'the projector takes one call at a time'])
  })

  it('reads a snapshot only for an actor it does not know', async () => {
    const { store, projector } = await make([2])
    for (const batch of deposits(new PartitionLog(2, PARTITIONS), 10)) await projector.take([batch])
    expect(store.loads.length).to.equal(new Set(store.loads).size)
  })
})
