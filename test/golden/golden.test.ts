// Old logs replay for ever: each golden journal, byte for byte as it was once written, gives the states it gave then,
// through the plain fold and through a recovering runtime that goes on from there.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { decodeBatch, encodeBatch } from '../../actors/runtime/codec.ts'
import type { LogRecord } from '../../actors/runtime/record.ts'
import { encodeRecord } from '../../actors/runtime/recordWriter.ts'
import type { UserId, WalletId } from '../../shared/ids.ts'
import { MemoryJournal } from '../support/memoryJournal.ts'
import { foldPartition } from '../support/recoveryStore.ts'
import { RuntimeWorld, TEST_KINDS } from '../support/runtimeWorld.ts'
import {
  type ExpectedPartition,
  GOLDEN_FOLDER,
  goldenBatches,
  goldenJournals,
  goldenStates,
  partitionFile,
} from './files.ts'

/** SHA-256 of every golden file. New journals add lines; no line ever changes. */
const PINNED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'wallet-1': {
    'partition-0.jsonl': 'f1a479097a4f72f4cfe5204f1677270423af8eb8ca10d185e429819577892b31',
    'partition-1.jsonl': 'bb4512cb553d7228aa406edb70cc4ee088a4f8cc4462d8f54db9583b1edcb668',
    'partition-2.jsonl': 'f841201f2be3bcc52a0ffe9560a7cb6ca2c6e9704e61cba981d0542134799876',
    'states.json': 'a47a0c824a43fbe8a75acc0923fa3d3ddbb70f26c47e2737a3df04d1353894bc',
  },
  'wallet-2': {
    'partition-0.jsonl': '6ff88b0687ed7da02335b2e93b448dcab3fd4d23fdc1ef4f10a53877bfb5bfaa',
    'partition-1.jsonl': '5c72d2917c0da05f84a7008250c2ae86a51021c92b7e8b7be9bca6c0be8ae2f1',
    'states.json': 'bbc6dedc2c550734dcc296e2ecbe42ddb9d674f9891cb24ea9d7dd44808e3043',
  },
  'nft-1': {
    'partition-0.jsonl': 'e4d685ca9f3aefd19f990c9e516bf880f31344cd39deb6a4300baa0eceed9d78',
    'partition-1.jsonl': '3351dc6fdc753b903cd1089d306dfe39f8853ce9fa9237b7efde34488a09763a',
    'states.json': '4dc0690e6a9dcd0a45a49034ac97e83f4180cfa43506a22228917a25fb6920ef',
  },
  'wallet-3': {
    'partition-0.jsonl': '603862eb7471d467377fe1750acda118ed1f99cce7de2ec0af0a812e4d9a0821',
    'partition-1.jsonl': '08db0e3d3cae4b7053ffa6ab45dd2834b632828abd7d117efa39f585b83ff568',
    'states.json': '2b3b260f3efea4dbe87c3a4b4636db2deb87abd4661ff2942754346b5ba558dd',
  },
  'player-1': {
    'partition-0.jsonl': '0f075db5bd80e3ce46a49af722a307d16cc0de0fbfd201e2e33c94d3979da448',
    'partition-1.jsonl': '20a0b3d298e1a59285fcca22d7fe334877fea964b5def63f5bdc673fd1e4a7f5',
    'states.json': 'ee3e297e66cc4571a5ed4ced94fb9f710aa060f147ec915809e089411b9ef3d9',
  },
  'queue-1': {
    'partition-0.jsonl': 'd15aaf46c4e35999d41dde988f5980401eeeb9613397fd142c40d46eb0732202',
    'partition-1.jsonl': '02fa04365b3322a9bcda1358514f9dcbfb18f7bfa0822aa06e0d72b8aa08a637',
    'states.json': 'b65d5f99172fbef55921475e39d55ff85a89369f7423014f839d7ef8045212da',
  },
  'queue-2': {
    'partition-0.jsonl': '7da4dcef18477c6c37171068fd7924a2420e65f42a7f32059aa0c83f3c97fb26',
    'partition-1.jsonl': '36ffd4a6c5dc642f3f8a3f9a43dfccb6c16d1da2e34eb3fb3342166382cdb0b2',
    'states.json': '392a3d75d1230ec62f23c0f64df849515689321f0ae9c2841d1288eee90925f5',
  },
  'player-2': {
    'partition-0.jsonl': '27fcce69da3bf2009d79568efd6d61f15060efe9c550cf7ae6326835f5b84c12',
    'partition-1.jsonl': 'a80236f93cb3635ba7ccb8f60ec3cbc54a851ecc4a2bedee48eda5656746a268',
    'partition-2.jsonl': 'f25c196e37fcc4619ebd00b68a5f5ae56c10b76ab3743800347d46f2a3ac9fbd',
    'states.json': '0dfef94d26db2ba170aa8dd45370fa7ce93f7cca083f8974367ea34404a0f5e3',
  },
  'match-1': {
    'partition-0.jsonl': 'f0799e2134ddbec90083565ac9ebf32180d674021046cf759e2561541613a6f1',
    'partition-1.jsonl': '6cfd1c1f8794db107529dd12d89a58a25f4fdcd31ad7f4f3796c18db61c52ad0',
    'states.json': 'ce40d79cb077536878e71dba8acc4c71da429849fed797d0222524aedbd3152b',
  },
}

function past(journal: string, states: readonly ExpectedPartition[]): MemoryJournal {
  return MemoryJournal.of(states.map(({ partition }) => [partition, goldenBatches(journal, partition)] as const))
}

function recordsOf(journal: string, states: readonly ExpectedPartition[]): readonly LogRecord[] {
  return states.flatMap(({ partition }) =>
    goldenBatches(journal, partition).flatMap((bytes) => decodeBatch(bytes).records),
  )
}

describe('golden journals', () => {
  it('are all pinned', () => expect(goldenJournals()).to.deep.equal(Object.keys(PINNED).sort()))

  for (const [journal, files] of Object.entries(PINNED)) {
    describe(journal, () => {
      const states = goldenStates(journal)

      for (const [file, pinned] of Object.entries(files)) {
        it(`${file} has never been edited`, () => {
          const bytes = readFileSync(join(GOLDEN_FOLDER, journal, file))
          expect(createHash('sha256').update(bytes).digest('hex')).to.equal(pinned)
        })
      }

      it('folds to the states it had', () => {
        const folded = states.map(({ partition }) => {
          const { ledger, slots, position, hash } = foldPartition(past(journal, states), partition, TEST_KINDS)
          const { position: _position, ...state } = ledger.snapshot(position, hash)
          const actors = [...slots.keys()].sort().flatMap((actor) => slots.get(actor)?.snapshot() ?? [])
          return { partition, state, actors }
        })
        expect(throughText(folded)).to.deep.equal(states)
      })

      it('is written as the same bytes by this program', () => {
        for (const { partition } of states) {
          for (const bytes of goldenBatches(journal, partition)) {
            const { header, records } = decodeBatch(bytes)
            const again = encodeBatch(header, Buffer.from(records.map(encodeRecord).join('')))
            expect(Buffer.from(again).toString('utf8')).to.equal(bytes.toString('utf8'))
          }
          const whole = Buffer.concat(goldenBatches(journal, partition))
          const file = readFileSync(join(GOLDEN_FOLDER, journal, partitionFile(partition)))
          expect(Buffer.compare(whole, file), 'nothing lies between the batches').to.equal(0)
        }
      })

      it('recovers in a runtime, to the same actors', async () => {
        const world = await RuntimeWorld.serving({ partitions: states.length, past: past(journal, states) })
        for (const { partition, actors } of states) {
          const resident = actors.map(({ actor }) => world.runtime.partition(partition)?.peek(actor)?.snapshot())
          // Taking over, it has sent what was undelivered: those who got something are further on.
          for (const [index, snapshot] of resident.entries()) {
            const expected = actors[index]
            if (snapshot?.seq === expected?.seq) expect(throughText(snapshot)).to.deep.equal(expected)
            else expect(snapshot?.seq).to.be.greaterThan(expected?.seq ?? 0)
          }
        }
      })
    })
  }
})

describe('golden journal wallet-1', () => {
  const states = goldenStates('wallet-1')
  const records = recordsOf('wallet-1', states)
  const [alice, bob, carol] = ['w_alice_0004', 'w_bob_0000', 'w_carol_0000'].map((id) => ({ kind: 'wallet', id }))

  it('has everything a wallet can write', () => {
    const tags = new Set(
      records.flatMap((record) => record.events.map((event) => String((event as readonly string[])[0]))),
    )
    expect([...tags].sort()).to.deep.equal(
      [
        'opened',
        'deposited',
        'sent',
        'received',
        'returned',
        'held',
        'captured',
        'released',
        'frozen',
        'unfrozen',
        'closed',
      ].sort(),
    )
    const whys = records.flatMap((record) =>
      record.events.filter((event) => Array.isArray(event) && event[0] === 'released'),
    )
    expect(new Set(whys.map((event) => (event as readonly string[])[3]))).to.deep.equal(
      new Set(['released', 'expired', 'rest']),
    )
    expect(new Set(records.map((record) => record.cause.kind))).to.deep.equal(
      new Set(['epoch', 'command', 'envelope', 'timer']),
    )
    expect(new Set(records.map((record) => record.outcome.kind))).to.deep.equal(new Set(['accepted', 'refused']))
    expect(records.filter((record) => record.cause.kind === 'epoch')).to.have.length(2 * states.length)
    const changes = records.flatMap((record) => record.timers.map((timer) => timer.kind))
    expect(new Set(changes)).to.deep.equal(new Set(['set', 'cancel']))
    const batches = states.flatMap(({ partition }) =>
      goldenBatches('wallet-1', partition).map((bytes) => decodeBatch(bytes).header),
    )
    expect(
      batches.some((header) => header.count > 1) && batches.some((header) => header.delivered.length > 0),
    ).to.equal(true)
  })

  it('goes on: what was on its way arrives, the last hold expires, and nothing is in transit', async () => {
    const world = await RuntimeWorld.serving({ partitions: states.length, past: past('wallet-1', states) })
    if (alice === undefined || bob === undefined || carol === undefined) throw new Error('no wallets')
    // The clock is where the log has come to: a partition ahead of it is not served (A7).
    await world.time.advance(60_000)
    expect(await world.balance(carol), 'the envelope that had not arrived').to.deep.equal({
      available: 1_509n,
      held: 0n,
    })
    expect(await world.balance(bob)).to.deep.equal({ available: 14_770n, held: 666n })
    world.time.jump(25 * 60 * 60 * 1000)
    await world.time.advance(2_000)
    expect(await world.balance(bob)).to.deep.equal({ available: 15_436n, held: 0n })
    expect(await world.balance(alice, 'USDC')).to.deep.equal({ available: 24_996_997n, held: 0n })
    for (const asset of ['USD', 'USDC', 'USDT']) expect(world.inTransit(asset), asset).to.equal(0n)
  })

  it('its keys still answer what they answered (M6)', async () => {
    const world = await RuntimeWorld.serving({ partitions: states.length, past: past('wallet-1', states) })
    if (alice === undefined || carol === undefined) throw new Error('no wallets')
    // The clock is where the log has come to: a partition ahead of it is not served (A7).
    await world.time.advance(60_000)
    const before = world.records(0).length
    const again = {
      kind: 'send',
      to: 'w_bob_0000' as WalletId,
      asset: 'USD',
      amountMinor: 12_345n,
      memo: 'Miete für März 🏠 "quoted" \\ \n',
    } as const
    expect(await world.answer(alice, again, 's1')).to.deep.equal({
      ...{ kind: 'done', recordId: '0-6', partition: 0, seq: 6, reply: { status: 'pending' } },
    })
    expect(await world.answer(alice, { ...again, memo: '' }, 's1')).to.include({ code: 'idempotency_mismatch' })
    expect(await world.answer(carol, { ...again, amountMinor: 1n, memo: '' }, 'poor')).to.deep.equal({
      ...{ kind: 'refused', code: 'wallet.insufficient_funds', seq: 4 },
    })
    expect(world.records(0)).to.have.length(before)
  })
})

describe('golden journal wallet-2', () => {
  const records = recordsOf('wallet-2', goldenStates('wallet-2'))
  const events = records.flatMap((record) => record.events.map((event) => event as readonly string[]))

  it('has what money going out and into other assets writes', () => {
    expect([...new Set(events.map(([tag]) => tag))].sort()).to.deep.equal(
      [
        ...['opened', 'deposited', 'converted', 'verified', 'withdrawal_requested', 'withdrawal_moved'],
        ...['adjustment_proposed', 'adjustment_ended'],
      ].sort(),
    )
    const moves = events.filter(([tag]) => tag === 'withdrawal_moved').map(([, , to]) => to)
    expect([...new Set(moves)].sort()).to.deep.equal(
      ['reviewing', 'approved', 'processing', 'completed', 'failed', 'rejected', 'cancelled'].sort(),
    )
    const ends = events.filter(([tag]) => tag === 'adjustment_ended').map(([, , end]) => end)
    expect([...new Set(ends)].sort()).to.deep.equal(['approved', 'lapsed', 'rejected'])
    const refused = records.flatMap(({ outcome }) => (outcome.kind === 'refused' ? [outcome.code] : []))
    expect(refused).to.have.members(['wallet.quote_used', 'wallet.kyc_limit', 'wallet.withdrawal_limit'])
  })
})

describe('golden journal nft-1', () => {
  const states = goldenStates('nft-1')

  it('has everything a token writes, and refuses', () => {
    const records = recordsOf('nft-1', states).filter(({ actor }) => actor.startsWith('nft/'))
    const tags = records.flatMap(({ events }) => events.map((event) => (event as readonly string[])[0]))
    expect([...new Set(tags)].sort()).to.deep.equal(['burned', 'delivered', 'minted', 'returned'])
    const refused = records.flatMap(({ outcome }) => (outcome.kind === 'refused' ? [outcome.code] : []))
    expect([...new Set(refused)]).to.have.members(['nft.already_minted', 'nft.not_minted'])
  })

  it('goes on: a token is where it was, and is not minted again', async () => {
    const world = await RuntimeWorld.serving({ partitions: states.length, past: past('nft-1', states) })
    await world.time.advance(60_000)
    const [first, bob] = [world.token(0), world.address('wallet', 1, 'bob')]
    expect(await world.balance(bob, first.asset)).to.deep.equal({ available: 1n, held: 0n })
    const again = { kind: 'mint', to: bob.id as WalletId, by: 'u_staff' as UserId, reason: '', barrier: null } as const
    expect(await world.answer(first.address, again, 'k')).to.include({ code: 'nft.already_minted' })
  })
})

describe('golden journal wallet-3', () => {
  const records = recordsOf('wallet-3', goldenStates('wallet-3'))
  const events = records.flatMap((record) => record.events.map((event) => event as readonly string[]))
  const tagged = (tag: string) => events.filter(([first]) => first === tag)

  it('has what reversals write, and what is owed for them and paid', () => {
    expect([...new Set(tagged('reversed').map((event) => event[4]))].sort()).to.deep.equal([
      'adjustment',
      'conversion',
      'deposit',
      'receipt',
      'withdrawal',
    ])
    const ends = tagged('adjustment_ended').map(([, , end]) => end)
    expect([...new Set(ends)].sort()).to.deep.equal(['approved', 'lapsed', 'rejected'])
    expect(
      tagged('adjustment_ended').some((event) => event.length === 8),
      'one says what became owed',
    ).to.equal(true)
    expect(tagged('repaid').length).to.be.greaterThan(2)
    expect(tagged('reversal_proposed').length).to.be.greaterThan(tagged('reversed').length)
  })
})

function throughText(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}
