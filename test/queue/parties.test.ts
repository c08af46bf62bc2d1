// Friends who wait together: called by their leader, who names them, and confirmed by each of them. Whoever else says the
// same name is nothing to them.

import { expect } from 'chai'
import { decodeSpec } from '../../actors/match/spec.ts'
import { queueKind } from '../../actors/queue/kind.ts'
import { partyFault } from '../../actors/queue/parties.ts'
import { encodeJoining, type PartyWish } from '../../actors/queue/ticket.ts'
import type { Accepted } from '../../actors/runtime/actor.ts'
import type { RecordId, UserId } from '../../shared/ids.ts'
import { KindBench, sent } from '../support/kindBench.ts'

const TEAMS = 'arena.2v2.2v2.eu-west.USD.0'
const TRIOS = 'arena.3v3.3v3.eu-west.USD.0'
const user = (name: string): UserId => `u_${name}` as UserId // written by the tests

class Stage {
  readonly queue: KindBench<ReturnType<typeof queueKind.initial>, never, never, never, never>
  private tickets = 0

  constructor(pool = TEAMS) {
    // The bench is used through `arrive` alone, which makes the commands.
    this.queue = new KindBench(queueKind, pool) as never
  }

  /** `lead ann bob`, `with bob ann`, `alone eve`: what is sent for it. */
  join(line: string): readonly string[] {
    const [how = '', name = '', ...others] = line.split(' ')
    const party: Record<string, PartyWish | null> = {
      lead: { id: user(name), size: others.length + 1, members: others.map(user) },
      with: { id: user(others[0] ?? ''), size: 1, members: [] },
      alone: null,
    }
    const id = `1-${++this.tickets}` as RecordId
    const known = { id, user: user(name), rating: 1500, deviation: 100, tier: 'free', role: '', maps: [] } as const
    return told(this.queue.arrive('join', encodeJoining({ ...known, party: party[how] ?? null, fillBots: false })))
  }

  leave(ticket: number): void {
    this.queue.arrive('leave', `1-${ticket}`)
  }

  wait(ms: number): readonly string[] {
    const { queue } = this
    const untilMs = queue.nowMs + ms
    const heard: string[] = []
    while (queue.state.tickMs !== null && queue.state.tickMs <= untilMs) {
      queue.nowMs = Math.max(queue.nowMs, queue.state.tickMs)
      heard.push(...told(queue.arrive('tick', null, { via: 'timer' })))
    }
    queue.nowMs = untilMs
    return heard
  }

  get units(): readonly string[] {
    return this.queue.state.units.all
      .map(({ tickets }) => tickets.map(({ user: who }) => who.slice(2)).join('+'))
      .sort()
  }
}

/** `ann+bob|eve+fay` for a match; `bob party` for a ticket that ended. */
function told(decision: Accepted<unknown>): readonly string[] {
  const matches = decision.outbox.flatMap(({ name, body }) => {
    if (name !== 'create') return []
    const { seats } = decodeSpec(body)
    const team = (wanted: number): string =>
      seats
        .flatMap(({ user: who, team: own }) => (own === wanted ? [who?.slice(2) ?? 'bot'] : []))
        .sort()
        .join('+')
    return [[team(0), team(1)].sort().join('|')]
  })
  const ends = sent(decision).flatMap((line) => {
    const [, who, why] = /^ticket_over player\/u_(\w+) \[".*","(\w+)"\]$/.exec(line) ?? []
    return who === undefined ? [] : [`${who} ${why}`]
  })
  return [...matches, ...ends]
}

describe('queue: parties', () => {
  const table: readonly (readonly [what: string, joins: readonly string[], units: readonly string[]])[] = [
    ['are complete when all who were named have come', ['lead ann bob', 'with bob ann'], ['ann+bob']],
    ['in any order', ['with bob ann', 'lead ann bob'], ['bob+ann']],
    ['are nothing while somebody is missing', ['lead ann bob'], []],
    ['two strangers who say the same name are none', ['with eve ann', 'with fay ann'], []],
    ['nor one who names somebody that leads nobody', ['alone ann', 'with eve ann'], ['ann']],
    ['nor two who both lead', ['lead ann bob', 'lead bob ann'], []],
    ['a stranger who was there first keeps nobody away', ['with eve ann', 'with bob ann', 'lead ann bob'], ['bob+ann']],
  ]
  for (const [what, joins, units] of table) {
    it(what, () => {
      const stage = new Stage()
      for (const line of joins) expect(stage.join(line)).to.deep.equal([])
      expect(stage.units).to.deep.equal(units)
      const again = queueKind.decodeState(queueKind.encodeState(stage.queue.state))
      expect(again.units.all, 'whoever takes over knows the same').to.deep.equal(stage.queue.state.units.all)
    })
  }

  it('whom the leader has not named is told so at once', () => {
    const stage = new Stage()
    stage.join('lead ann bob')
    expect(stage.join('with eve ann')).to.deep.equal(['eve party'])
    stage.join('with bob ann')
    expect(stage.join('with fay ann'), 'also once it is complete').to.deep.equal(['fay party'])
    expect(stage.units).to.deep.equal(['ann+bob'])
  })

  it('a crowd of strangers who were there first keeps nobody away', () => {
    const stage = new Stage()
    const early = Array.from({ length: 40 }, (_, index) => stage.join(`with eve${index} ann`))
    expect(early.filter((ends) => ends.length > 0)).to.have.length(24)
    expect(stage.join('with bob ann'), 'they are as many as may wait for her').to.deep.equal(['bob party'])
    stage.join('lead ann bob')
    stage.join('with bob ann')
    expect(stage.units).to.deep.equal(['ann+bob'])
    expect(stage.wait(60_000).filter((end) => end.endsWith(' party'))).to.have.length(16)
    expect(stage.units).to.deep.equal(['ann+bob'])
  })

  it('play in one team', () => {
    const stage = new Stage()
    for (const line of ['alone eve', 'lead ann bob', 'alone fay']) stage.join(line)
    expect(stage.join('with bob ann')).to.deep.equal(['ann+bob|eve+fay'])
  })

  it('a newcomer with a strange name starts nobody else’s match', () => {
    const stage = new Stage()
    for (const line of ['with eve ann', 'with fay ann', 'with gus ann']) expect(stage.join(line)).to.deep.equal([])
    expect(stage.join('with hal ann')).to.deep.equal([])
  })

  it('are broken where one leaves, and end when the others have waited long enough', () => {
    const stage = new Stage(TRIOS)
    for (const line of ['lead ann bob cat', 'with bob ann', 'with cat ann']) stage.join(line)
    expect(stage.units).to.deep.equal(['ann+bob+cat'])
    stage.leave(2)
    expect(stage.units).to.deep.equal([])
    stage.join('with bob ann')
    expect(stage.units).to.deep.equal(['ann+cat+bob'])
    stage.leave(1)
    expect(stage.wait(60_000)).to.have.members(['bob party', 'cat party'])
  })

  it('called off by somebody else they wait on, whoever says their name meanwhile', () => {
    const stage = new Stage()
    for (const line of ['lead ann bob', 'with bob ann', 'alone eve', 'alone fay']) stage.join(line)
    const [match = ''] = stage.queue.state.proposals.keys()
    stage.join('with gus ann')
    stage.queue.arrive('match_news', { match, state: 'cancelled', at_fault: ['u_eve'] })
    expect(stage.units).to.deep.equal(['ann+bob', 'fay'])
  })

  for (const [what, party, teamSize, fault] of [
    ['alone', null, 1, null],
    ['leading', { id: 'u_anna', size: 2, members: ['u_bert'] }, 2, null],
    ['confirming', { id: 'u_bert', size: 1, members: [] }, 2, null],
    ['confirming, and naming others', { id: 'u_bert', size: 2, members: ['u_cleo'] }, 2, 'queue.party_wrong'],
    ['leading nobody', { id: 'u_anna', size: 1, members: [] }, 2, 'queue.party_wrong'],
    ['leading themselves', { id: 'u_anna', size: 2, members: ['u_anna'] }, 2, 'queue.party_wrong'],
    ['leading one twice', { id: 'u_anna', size: 3, members: ['u_bert', 'u_bert'] }, 3, 'queue.party_wrong'],
    ['with a name of their own making', { id: 'red', size: 2 }, 2, 'queue.party_wrong'],
    ['more than a team holds', { id: 'u_anna', size: 3, members: ['u_bert', 'u_cleo'] }, 2, 'queue.party_too_large'],
    ['where everybody is alone', { id: 'u_bert', size: 1 }, 1, 'queue.party_too_large'],
  ] as const) {
    it(`a player ${what}: ${fault ?? 'fine'}`, () => {
      const anna = 'u_anna' as UserId
      expect(partyFault(anna, party as PartyWish | null, teamSize)).to.equal(fault)
    })
  }
})
