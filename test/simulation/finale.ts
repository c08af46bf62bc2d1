// How a run ends: faults stop, every partition has an owner, and everything must settle. All clients have their answers,
// all envelopes are delivered, due timers have fired, memory, store and log agree, and a recovery from nothing but the
// journal gives the same state again (J4).

import type { Intent } from './history.ts'
import type { Prng } from './prng.ts'
import { checkStore, projected } from './storeCheck.ts'
import { PARTITIONS, type World } from './world.ts'

/** Steps that one stage of settling may take before it counts as stuck. */
const PATIENCE = 20_000
/** Longer than any clock was ahead, and than any message is late. */
const REST_MS = 60_000
const DRAIN_MS = 2_000

export async function settle(world: World): Promise<void> {
  world.calm()
  for (const node of world.nodes) {
    node.clock.correct()
    if (node.state === 'paused') node.wake()
  }
  world.loop.nowMs += REST_MS
  await serve(world)
  await askUntilSettled(world)
  await until(world, 'every ask is answered', () => world.unanswered === 0)
  await until(world, 'every envelope is delivered', () => undelivered(world) === 0)
  // Proposals wait a week, longer than keys are remembered: what is left of them is rejected, not waited for.
  for (const intent of world.traffic.rejections(world.checker.model.actors())) world.ask(intent)
  await askUntilSettled(world)
  await endMatches(world)
  world.loop.nowMs += msToLastTimer(world)
  await until(world, 'every due timer has fired', () => msToLastTimer(world) === 0 && undelivered(world) === 0)
  await until(world, 'everything is projected', () => projected(world))
  checkLedger(world)
  checkStore(world)
  for (const node of world.nodes) world.checker.memory(node)
  await drain(world)
  // Where leases have to run out first, once has to do.
  if (!world.moves) await restart(world)
  world.storeDisk.erase()
  await restart(world)
}

// Its waits follow each other, and one that comes late is given again: what is left of matches is given back, not waited for.
async function endMatches(world: World): Promise<void> {
  const { model } = world.checker
  for (let round = 0; round < 5 && world.report.finding === null; round++) {
    const endings = world.traffic.endings(model.actors())
    if (endings.length === 0) break
    for (const intent of endings) world.ask(intent)
    await askUntilSettled(world)
  }
  await until(world, 'every envelope of a match is delivered', () => undelivered(world) === 0)
  const open = world.traffic.endings(model.actors()).length
  world.report.expect(open === 0, 'M10', () => `${open} matches do not come to an end`)
  for (const { account, asset, minor } of world.checker.audit.ownedBalances()) {
    const left = account.startsWith('2002:') && minor !== 0n
    world.report.expect(!left, 'M10', () => `${minor} ${asset} are left in ${account}`)
  }
}

// M4: a stop that takes its time leaves nothing behind, and takes nothing new.
async function drain(world: World): Promise<void> {
  if (world.report.finding !== null) return
  world.retire()
  await until(world, 'whoever drains has nothing left', () => world.retired)
  const drained = new Map<string, boolean>()
  for (const intent of sample(world.checker.history.all(), 10, world.prng.split('drain'))) world.ask(intent)
  for (const node of world.nodes) {
    node.runtime.drain(DRAIN_MS).then(
      (nothingLeft) => drained.set(node.name, nothingLeft),
      (error: unknown) => world.report.fail('M4', `drain rejects: ${String(error)}`),
    )
  }
  const everyone = world.nodes.length
  await until(world, 'every node is drained', () => drained.size === everyone)
  for (const { name, runtime } of world.nodes) {
    // What a node lost and never found out about gets no acknowledgements, and holds its drain up until the deadline.
    const foreign = [...runtime.partitions.keys()].some((id) => world.owner(id)?.name !== name)
    world.report.expect(foreign || drained.get(name) === true, 'M4', () => `${name} has something left after its drain`)
  }
  // What moves meanwhile, or is taken over by a node that was still recovering, is settled where it comes to.
  await until(world, 'nothing is left after a drain', () => left(world) === null)
  const what = left(world)
  world.report.expect(what === null, 'M4', () => `${what} after a drain`)
}

function left(world: World): string | null {
  for (let id = 0; id < PARTITIONS; id++) {
    if (world.owner(id)?.runtime.partition(id)?.drained !== true) return `partition ${id} has something left`
  }
  return undelivered(world) === 0 ? null : 'envelopes are left'
}

/** Crashes every node; the next owner must remember everything. */
async function restart(world: World): Promise<void> {
  if (world.report.finding !== null) return
  for (const node of [...world.nodes]) world.crash(node)
  await serve(world)
  const { history, model } = world.checker
  for (const intent of sample(history.all(), 40, world.prng.split('repeats'))) world.ask(intent)
  await rest(world, 500)
  for (const actor of model.actors()) world.read(actor)
  await rest(world, 500)
  for (const node of world.nodes) world.checker.memory(node)
  const resident = model
    .actors()
    .filter((actor) => world.owner(world.home(actor))?.runtime.partition(world.home(actor)))
  world.report.expect(
    resident.length === model.actors().length,
    'J4',
    () => 'some partition is not served after a restart',
  )
}

async function serve(world: World): Promise<void> {
  world.staff()
  const startedMs = world.loop.nowMs
  await until(world, 'every partition is served by one node', () => {
    return [...Array(PARTITIONS).keys()].every((id) => world.serves(id))
  })
  const tookMs = world.loop.nowMs - startedMs
  world.report.expect(tookMs <= world.servedWithinMs, 'C1', () => `nobody served a partition for ${tookMs} ms`)
}

// A few at a time: the bounds of A5 still hold, and a client that was shed asks again.
async function askUntilSettled(world: World): Promise<void> {
  for (let round = 0; round < 300; round++) {
    const left = world.traffic.unsettled()
    if (left.length === 0 || world.report.finding !== null) return
    for (let asked = 0; asked < 4; asked++) world.ask(world.prng.pick(left))
    await rest(world, 50)
  }
  const [stuck] = world.traffic.unsettled()
  if (stuck !== undefined) world.report.fail('A4', `no answer that stands for ${describe(stuck)}, with no fault left`)
}

async function until(world: World, what: string, holds: () => boolean): Promise<void> {
  for (let step = 0; step < PATIENCE; step++) {
    if (world.report.finding !== null || holds()) return
    await world.step()
  }
  world.report.fail('A5', `stuck: never came true that ${what}`)
}

async function rest(world: World, ms: number): Promise<void> {
  const end = world.loop.nowMs + ms
  while (world.loop.nowMs < end && world.report.finding === null) await world.step()
}

function undelivered(world: World): number {
  return [...world.checker.audit.allLanes()].reduce((sum, lane) => sum + lane.undelivered, 0)
}

/** How far the last timer lies ahead; 0 when none is set. */
function msToLastTimer(world: World): number {
  const due = [...Array(PARTITIONS).keys()].flatMap((id) => world.checker.model.lanes.timersDue(id))
  return due.length === 0 ? 0 : Math.max(1, Math.max(...due) - world.trueNowMs() + 1)
}

const IN: ReadonlySet<string> = new Set(['deposit', 'conversion', 'adjustment'])

// What came in and has not gone out = Σ balances + what parked envelopes keep in transit, per asset.
function checkLedger(world: World): void {
  const { audit, model } = world.checker
  readAgain(world)
  const { violation } = audit.finish()
  if (violation !== null) return world.report.fail(violation.invariant, `${violation.at}: ${violation.message}`)
  const came = new Map<string, bigint>()
  for (const { record } of model.allRecords()) {
    const brings = IN.has(record.operation)
    const isMatch = record.actor.startsWith('match/')
    for (const { account, asset, side, amountMinor } of record.entries) {
      // What goes back to whoever sent it is taken from the one to be on its way to the other; what is owed is paid by
      // money that was here. A token is minted on to its way, and burned where nobody claimed it.
      if (isMatch) {
        // What the platform adds to a pool comes in, and its fee goes out.
        const minor = account === '5004' ? amountMinor : account === '4001' ? -amountMinor : 0n
        came.set(asset, (came.get(asset) ?? 0n) + minor)
        continue
      }
      const isIn = brings ? /^(200[17]:|2006$)/.test(account) : account === '1004' && side === 'credit'
      const isOut = account.startsWith('2003:') && record.operation === 'withdrawal' && side === 'debit'
      if (!isIn && !isOut) continue
      const grows = (side === 'credit') === (account !== '1004')
      came.set(asset, (came.get(asset) ?? 0n) + (grows ? amountMinor : -amountMinor))
    }
  }
  const parked = new Map(audit.parkedMoney.rows())
  for (const [asset, stays] of came) {
    let kept = parked.get(asset) ?? 0n
    for (const row of audit.ownedBalances()) if (row.asset === asset) kept += row.minor
    world.report.expect(kept === stays, 'M2', () => `${stays} ${asset} came in and stays, ${kept} is there`)
    const transit = audit.balanceOf('2006', asset)
    const due = parked.get(asset) ?? 0n
    world.report.expect(transit === due, 'M4', () => `${transit} ${asset} in transit at the end, ${due} parked`)
  }
  for (const family of world.checker.history.families()) checkOutcome(world, family)
}

/** What was reversed is looked at once its reversals are known (M8). */
function readAgain({ checker: { audit }, disk }: World): void {
  const originals = audit.originals()
  if (originals === null) return
  for (let partition = 0; partition < PARTITIONS; partition++)
    for (const { position, bytes } of disk.after(partition, 0)) originals.take(partition, position, bytes)
}

/** One record for each answer that stands. A refusal may be on record unheard, where the input alone was refused before. */
function checkOutcome(world: World, family: readonly Intent[]): void {
  const [any] = family
  if (any === undefined) return
  const records = world.checker.model.byCommand(any.actor, any.key)
  const stands = family.filter(({ final }) => final !== null).length
  const unheard = stands === 0 && records.length === 1 && records[0]?.record.outcome.kind === 'refused'
  // What refuses a stake leaves its seat's key free: a copy of the same command that was under way may still carry it out.
  const late = any.command.kind === 'stake' && stands === 0 && records.length === 1
  const fair = records.length === stands || unheard || late
  world.report.expect(fair, 'M6', () => `${describe(any)}: ${records.length} records, ${stands} answers stand`)
}

function describe(intent: Intent): string {
  return `${intent.actor} ${intent.key} ${intent.text} told ${JSON.stringify([...intent.told])}`
}

function sample<T>(items: readonly T[], count: number, prng: Prng): readonly T[] {
  return items.length <= count ? items : Array.from({ length: count }, () => prng.pick(items))
}
