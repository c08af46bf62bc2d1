// What an operator's decision is worth: only as signed, only with a known key, only for the halt it names.

import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Halt } from '../../server/halts.ts'
import { type Deciding, type SignedDecision, signDecision } from '../../server/operator/decision.ts'
import { type Ground, judge } from '../../server/operator/judgement.ts'
import { makeOwnKey, readOperatorKeys, readOwnKey } from '../../server/operator/operatorKeys.ts'
import { temporaryFolder } from '../support/server.ts'

const folder = temporaryFolder()
const keyOf = (name: string) => readOwnKey(join(folder, `${name}.key`)).key
const lines = ['ann', 'bob', 'eve'].map((name) => makeOwnKey(name, join(folder, `${name}.key`)))
const keysFile = join(folder, 'operators')
writeFileSync(keysFile, `# who may decide\n\n${lines[0]}\n${lines[1]}\n`)

const halt: Halt = {
  id: 'h_1',
  partition: 3,
  stage: 'projector',
  seq: 18,
  reason: '3:18: hash chain is cut',
  at: '2026-01-01T10:00:00.000Z',
}
const ID = 'd_0123456789abcdef'
const sound: Deciding = {
  id: ID,
  dataSet: 'leet',
  dataSetId: 'set-1',
  halt,
  decision: 'retry',
  operator: 'ann',
  note: 'release 2 reads it',
  at: '2026-01-01T10:05:00.000Z',
}
const ground: Ground = { dataSet: 'leet', dataSetId: 'set-1', keys: readOperatorKeys(keysFile), halt }
const decided = (change: Partial<Deciding> = {}, signer = 'ann'): SignedDecision =>
  signDecision({ ...sound, ...change }, keyOf(signer))

interface Case {
  readonly title: string
  readonly signed?: SignedDecision
  readonly id?: string
  readonly partition?: number
  readonly ground?: Partial<Ground>
  readonly why: string | null
}

const genuine = decided()
const altered = { ...genuine, text: genuine.text.replace('"retry"', '"rebuild"') }

const CASES: readonly Case[] = [
  { title: 'one that is sound', why: null },
  { title: 'a rebuild', signed: decided({ decision: 'rebuild' }), why: null },
  { title: 'one of another operator', signed: decided({ operator: 'bob' }, 'bob'), why: null },
  {
    title: 'a name that is not the signer',
    signed: decided({ operator: 'bob' }),
    why: 'not signed with the key of bob',
  },
  { title: 'an operator nobody knows', signed: decided({ operator: 'eve' }, 'eve'), why: 'no key of an operator eve' },
  { title: 'a text altered after its signature', signed: altered, why: 'not signed with the key of ann' },
  { title: 'no signature', signed: { ...genuine, signature: '' }, why: 'not signed with the key of ann' },
  { title: 'no document', signed: { ...genuine, text: '{}' }, why: 'no decision this program can read' },
  { title: 'a copy under another id', id: 'd_copy', why: 'copy of d_0123456789abcdef' },
  { title: 'another data set', signed: decided({ dataSet: 'test' }), why: 'made for the data set test' },
  { title: 'a data set of the same name', signed: decided({ dataSetId: 'set-0' }), why: 'the data set leet (set-0)' },
  { title: 'another partition', signed: decided({ halt: { ...halt, partition: 4 } }), why: 'made for partition 4' },
  { title: 'one stored under another partition', partition: 4, why: 'made for partition 3' },
  { title: 'an earlier halt, at the same record', ground: { halt: { ...halt, id: 'h_2' } }, why: 'another halt, h_1' },
  { title: 'another record', signed: decided({ halt: { ...halt, seq: 17 } }), why: 'another halt' },
  { title: 'another reason', signed: decided({ halt: { ...halt, reason: 'x' } }), why: 'another halt' },
  {
    title: 'a retry of what is tried by itself',
    ground: { halt: { ...halt, stage: 'recovery' } },
    why: 'nothing to retry',
  },
  { title: 'no operators at all', ground: { keys: new Map() }, why: 'no key of an operator ann' },
]

describe("an operator's decision", () => {
  for (const { title, why, signed = genuine, id = ID, partition = 3, ground: change } of CASES) {
    it(`${why === null ? 'takes' : 'refuses'} ${title}`, () => {
      const judged = judge({ ...signed, id, partition }, { ...ground, ...change })
      if (why === null) expect(judged.kind).to.equal('verified')
      else expect(judged).to.have.property('why').that.includes(why)
    })
  }

  it('needs a note', () => expect(() => decided({ note: '' })).to.throw())
})

describe("operators' keys", () => {
  it('are kept from other users, and never written over', () => {
    const file = join(folder, 'ann.key')
    expect(statSync(file).mode & 0o077).to.equal(0)
    const before = readFileSync(file, 'utf8')
    expect(() => makeOwnKey('ann', file)).to.throw(/Move the old key away/)
    expect(readFileSync(file, 'utf8')).to.equal(before)
  })

  for (const [title, text] of [
    ['a name alone', 'ann'],
    ['a key that is none', 'ann AAAA'],
    ['a name that is none', `A!${lines[0]?.slice(3)}`],
    ['more words', `${lines[0]} x`],
    ['a name twice', `${lines[0]}\n${lines[0]}`],
  ] as const) {
    it(`refuses ${title} by its line`, () => {
      const file = join(folder, 'broken')
      writeFileSync(file, `${text}\n`)
      expect(() => readOperatorKeys(file)).to.throw(/line [12] /)
    })
  }

  it('refuses a file that is not there', () => expect(() => readOperatorKeys(join(folder, 'none'))).to.throw(/ENOENT/))
  it('knows nobody without a file', () => expect(readOperatorKeys(null).size).to.equal(0))
})
