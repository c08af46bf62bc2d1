// What a process does with decisions, without services: each once, and a rebuild to its end, whoever began it.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { HaltDesk } from '../../server/cluster/haltDesk.ts'
import { type Halt, Halts } from '../../server/halts.ts'
import { type Choice, signDecision } from '../../server/operator/decision.ts'
import type { Verdict } from '../../server/operator/decisionBook.ts'
import type { StoredDecision } from '../../server/operator/judgement.ts'
import { makeOwnKey, readOwnKey } from '../../server/operator/operatorKeys.ts'
import { temporaryFolder } from '../support/server.ts'

const folder = temporaryFolder()
const [annFile, keysFile] = [join(folder, 'ann.key'), join(folder, 'operators')]
writeFileSync(keysFile, `${makeOwnKey('ann', annFile)}\n`)

const CAUSE = { partition: 3, stage: 'projector', seq: 18, reason: 'hash chain is cut' } as const

/** Everything around a desk, in memory; what the desk has done, in order. */
class Bench {
  readonly did: string[] = []
  readonly alarms: string[] = []
  readonly decisions: StoredDecision[] = []
  readonly verdicts = new Map<string, Verdict>()
  readonly done = new Set<string>()
  /** What the store has of the partition. */
  projected = 0
  readonly halts: Halts
  readonly desk: HaltDesk
  private ids = 0

  constructor() {
    this.halts = new Halts({ newId: () => String(++this.ids), nowMs: () => 1_750_000_000_000 + this.ids })
    this.desk = new HaltDesk({
      me: 'm_1',
      dataSet: 'leet',
      dataSetId: 'set-1',
      keysFile,
      halts: this.halts,
      book: {
        open: async () => this.decisions.filter(({ id }) => !this.verdicts.has(id)),
        begun: async () =>
          this.decisions.filter(({ id }) => this.verdicts.get(id)?.rebuilds === true && !this.done.has(id)),
        settle: async ({ id }, verdict) => {
          if (this.verdicts.has(id)) return false
          this.verdicts.set(id, verdict)
          return true
        },
        finish: async ({ id }) => void this.done.add(id),
      },
      projector: {
        retake: (partition, through) => void this.did.push(`retake ${partition} to ${through}`),
        clear: async (partition) => void this.did.push(`clear ${partition}`),
        projectedSeq: () => this.projected,
      },
      runtime: { partition: () => SERVING as never }, // of a partition, what the desk looks at
      ownership: { renew: async (partition) => void this.did.push(`renew ${partition}`) },
      observer: { committed() {}, answered() {}, alarm: (event) => void this.alarms.push(event) },
      scheduler: { after: () => () => {}, soon() {} },
      now: () => new Date(0),
    })
  }

  decide(halt: Halt, decision: Choice): string {
    const id = `d_${'x'.repeat(16)}${this.decisions.length}`
    const facts = { dataSet: 'leet', dataSetId: 'set-1', operator: 'ann', note: 'n', at: '2026-01-01T10:00:00.000Z' }
    const signed = signDecision({ id, halt, decision, ...facts }, readOwnKey(annFile).key)
    this.decisions.push({ id, partition: halt.partition, ...signed })
    return id
  }

  /** As somebody else has accepted it. */
  accept(id: string): void {
    this.verdicts.set(id, { accepted: true, rebuilds: true, why: '', member: 'm_0', at: new Date(0) })
  }
}

const SERVING = { position: 7, seqs: { durableSeq: 20, lastSeq: 20 } }

describe('decisions', () => {
  it('are carried out once', async () => {
    const bench = new Bench()
    bench.decide(bench.halts.note(CAUSE), 'retry')
    await bench.desk.look()
    await bench.desk.look()
    expect(bench.did).to.deep.equal(['retake 3 to 7'])
    bench.halts.note(CAUSE)
    await bench.desk.look()
    expect(bench.did).to.have.length(1)
  })

  it('two about one halt: the second is too late', async () => {
    const bench = new Bench()
    const halt = bench.halts.note(CAUSE)
    bench.decide(halt, 'retry')
    const second = bench.decide(halt, 'rebuild')
    await bench.desk.look()
    expect(bench.did).to.deep.equal(['retake 3 to 7'])
    bench.halts.note(CAUSE)
    await bench.desk.look()
    expect(bench.verdicts.get(second)?.why).to.include('another halt')
  })

  it('already judged elsewhere are let be', async () => {
    const bench = new Bench()
    const id = bench.decide(bench.halts.note(CAUSE), 'retry')
    bench.verdicts.set(id, { accepted: true, rebuilds: false, why: '', member: 'm_0', at: new Date(0) })
    await bench.desk.look()
    expect(bench.did).to.deep.equal([])
  })

  it('a rebuild takes the partition anew, empties the store before, and is over when the store has it again', async () => {
    const bench = new Bench()
    const id = bench.decide(bench.halts.note(CAUSE), 'rebuild')
    await bench.desk.look()
    expect(bench.did).to.deep.equal(['renew 3'])
    bench.desk.left(3)
    await bench.desk.prepare(3)
    expect(bench.did).to.deep.equal(['renew 3', 'clear 3'])
    bench.desk.taken(3)
    bench.projected = 19
    await bench.desk.look()
    expect(bench.done.size).to.equal(0)
    bench.projected = 20
    await bench.desk.look()
    expect([...bench.done]).to.deep.equal([id])
    await bench.desk.prepare(3)
    expect(bench.did).to.have.length(2)
  })

  it('a rebuild that another process began is done again from its beginning by who takes the partition', async () => {
    const bench = new Bench()
    bench.accept(bench.decide(bench.halts.note(CAUSE), 'rebuild'))
    await bench.desk.prepare(3)
    bench.desk.taken(3)
    bench.desk.left(3)
    await bench.desk.prepare(3)
    expect(bench.did).to.deep.equal(['clear 3', 'clear 3'])
  })

  it('a partition that still cannot be recovered is not emptied again and again', async () => {
    const bench = new Bench()
    bench.accept(bench.decide(bench.halts.note(CAUSE), 'rebuild'))
    await bench.desk.prepare(3)
    bench.desk.failing(3, new Error('hash chain broken'))
    await bench.desk.prepare(3)
    expect(bench.did).to.deep.equal(['clear 3'])
    expect(bench.halts.of(3)?.stage).to.equal('recovery')
  })

  it('what the store says was begun is believed with its signature alone', async () => {
    const bench = new Bench()
    const id = bench.decide(bench.halts.note(CAUSE), 'rebuild')
    const [stored] = bench.decisions
    if (stored !== undefined) bench.decisions[0] = { ...stored, signature: 'AAAA' }
    bench.accept(id)
    const failure = await bench.desk.prepare(3).catch((error: unknown) => String(error))
    expect(failure).to.include('not signed with the key of ann').and.to.include('OPERATOR_KEYS_FILE')
    expect(bench.did).to.deep.equal([])
  })
})
