// The lease bucket and a node's way to it. Keys live for the bucket's time to live, on its own clock, from the moment
// they arrive there; news of renewals come late, or not at all; a restart empties it, and it begins another life.

import type { LeaseNews, Leases, MemberId, MemberValue, Present } from '../../actors/cluster/ports.ts'
import type { Report } from './coverage.ts'
import type { SimNetwork } from './simNetwork.ts'
import type { SimLoop } from './simScheduler.ts'

export const BUCKET = 'bucket'

interface Key {
  readonly value: MemberValue
  readonly endsMs: number
}

export class LeaseBucket {
  readonly ttlMs: number
  lives = 1
  private readonly loop: SimLoop
  private readonly network: SimNetwork
  private readonly keys = new Map<MemberId, Key>()
  private readonly renewing = new Map<MemberId, () => void>()
  private readonly watchers = new Map<string, (news: LeaseNews) => void>()

  constructor(loop: SimLoop, network: SimNetwork, ttlMs: number) {
    this.loop = loop
    this.network = network
    this.ttlMs = ttlMs
    network.join(BUCKET)
  }

  put(member: MemberId, value: MemberValue): void {
    const renewing = this.renewing.get(member)
    this.renewing.delete(member)
    renewing?.()
    this.keys.set(member, { value, endsMs: this.loop.nowMs + this.ttlMs })
    this.publish({ kind: 'renewed', member, value })
  }

  delete(member: MemberId): void {
    this.keys.delete(member)
    this.publish({ kind: 'given_up', member })
  }

  /** Once, when the member's next renewal is here and its answer is still on its way. */
  atNextRenewal(member: MemberId, act: () => void): void {
    this.renewing.set(member, act)
  }

  present(): readonly (readonly [MemberId, MemberValue])[] {
    const live = [...this.keys].filter(([, { endsMs }]) => this.loop.nowMs < endsMs)
    return live.map(([member, { value }]) => [member, value])
  }

  watch(node: string, tell: (news: LeaseNews) => void): void {
    this.watchers.set(node, tell)
    for (const [member, value] of this.present()) this.tell(node, tell, { kind: 'renewed', member, value })
  }

  forget(node: string): void {
    this.watchers.delete(node)
  }

  /** Down for a while, and empty afterwards. */
  restart(downMs: number): void {
    this.network.cut(BUCKET)
    this.keys.clear()
    this.lives++
    this.loop.add('world', 'bucket up', downMs, () => this.network.heal(BUCKET))
  }

  private publish(news: LeaseNews): void {
    for (const [node, tell] of this.watchers) this.tell(node, tell, news)
  }

  private tell(node: string, tell: (news: LeaseNews) => void, news: LeaseNews): void {
    this.network.carry(BUCKET, node, `news of ${news.member}`, () => tell(news))
  }
}

export class SimLeases implements Leases {
  private readonly bucket: LeaseBucket
  private readonly loop: SimLoop
  private readonly network: SimNetwork
  private readonly node: string
  private readonly report: Report

  constructor(
    bucket: LeaseBucket,
    world: { readonly loop: SimLoop; readonly network: SimNetwork; readonly report: Report },
    node: string,
  ) {
    this.bucket = bucket
    this.loop = world.loop
    this.network = world.network
    this.report = world.report
    this.node = node
  }

  put(member: MemberId, value: MemberValue): Promise<void> {
    return this.request('put', () => this.bucket.put(member, value))
  }

  giveUp(member: MemberId): Promise<void> {
    return this.request('give up', () => this.bucket.delete(member))
  }

  watch(tell: (news: LeaseNews) => void): void {
    this.bucket.watch(this.node, tell)
  }

  present(): Promise<Present> {
    return this.request('present', () => ({
      life: `life ${this.bucket.lives}`,
      members: this.bucket.present().map(([member]) => member),
    }))
  }

  private request<T>(label: string, at: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = this.loop.add(this.node, `lease ${label} timeout`, this.bucket.ttlMs / 2, () => {
        this.report.count('leaseAskedInVain')
        reject(new Error(`simulated: the bucket does not answer ${label}`))
      })
      this.network.carryOnce(this.node, BUCKET, `lease ${label}`, () => {
        const answer = at()
        this.network.carryOnce(BUCKET, this.node, `lease ${label} answered`, () => {
          cancel()
          resolve(answer)
        })
      })
    })
  }
}
