// A cluster with something wrong in it, for the tests of what operators do: wallets by partition, ways to damage the store
// and the journal, what stands still, and the operator's tool as its operators run it.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { encodeBatch } from '../../actors/runtime/codec.ts'
import { connectMongo, type MongoConnection } from '../../server/mongo/mongoConnection.ts'
import { openMongoIdentity } from '../../server/mongo/mongoIdentity.ts'
import { openJetStreamJournal } from '../../server/nats/jetstreamJournal.ts'
import { connectNats } from '../../server/nats/natsConnection.ts'
import { makeOwnKey } from '../../server/operator/operatorKeys.ts'
import { systemClock } from '../../server/system.ts'
import { partitionOf } from '../../shared/partition.ts'
import { CLUSTER_STREAMS, type ClusterOptions, startCluster, type TestCluster } from './cluster.ts'
import { call, type Guest, newGuest, newKey } from './http.ts'
import { type RunResult, runProgramWith, type TestServer, temporaryFolder } from './server.ts'
import { newStaffIn } from './staff.ts'
import { until } from './until.ts'

export interface Operators {
  /** Private keys: ann's is known to the servers, eve's is not. */
  readonly ann: string
  readonly eve: string
  readonly keysFile: string
}

export function makeOperators(): Operators {
  const folder = temporaryFolder()
  const [ann, eve, keysFile] = [join(folder, 'ann.key'), join(folder, 'eve.key'), join(folder, 'operators')]
  writeFileSync(keysFile, `${makeOwnKey('ann', ann)}\n`)
  makeOwnKey('eve', eve)
  return { ann, eve, keysFile }
}

/** As /admin/cluster has them. */
export interface SeenHalt {
  readonly id: string
  readonly partition: number
  readonly stage: 'projector' | 'recovery'
  readonly seq: number | null
  readonly reason: string
  readonly at: string
}

export class HaltedCluster {
  readonly cluster: TestCluster
  readonly operators: Operators
  private readonly mongo: MongoConnection
  private living: TestServer[]
  private token: string | null = null

  private constructor(cluster: TestCluster, operators: Operators, mongo: MongoConnection) {
    this.cluster = cluster
    this.operators = operators
    this.mongo = mongo
    this.living = [...cluster.servers]
  }

  static async start(options: ClusterOptions): Promise<HaltedCluster> {
    const operators = makeOperators()
    const env = { OPERATOR_KEYS_FILE: operators.keysFile, ...options.env }
    const cluster = await startCluster({ ...options, env })
    const halted = new HaltedCluster(cluster, operators, await connectMongo(cluster.mongo.url, 'leet'))
    // While everything still serves: the operator has a wallet, and it may live in the partition that a test breaks.
    const [server] = cluster.servers
    if (server !== undefined) await halted.staffToken(server)
    return halted
  }

  async stop(): Promise<void> {
    await this.mongo.close()
    await this.cluster.stop()
  }

  get db() {
    return this.mongo.db
  }

  /** A guest whose wallet is in this partition, with money. */
  async guestIn(partition: number, server: TestServer): Promise<Guest> {
    for (;;) {
      const guest = await newGuest(server.url)
      if (partitionOf(`wallet/${guest.walletId}`, this.cluster.partitions) !== partition) continue
      await deposit(guest, server, '100.00')
      return guest
    }
  }

  /** The store says that it was made from a journal that goes on otherwise. */
  async forgeCheckpoint(partition: number): Promise<void> {
    const checkpoints = this.db.collection<{ _id: string; v: { s: number; position: number } }>('checkpoints')
    const id = String(partition).padStart(4, '0')
    await until('the store has the partition', async () => (await checkpoints.findOne({ _id: id })) !== null)
    const { matchedCount } = await checkpoints.updateOne(
      { _id: id },
      { $inc: { 'v.s': 1 }, $set: { 'v.hash': FORGED } },
    )
    expect(matchedCount).to.equal(1)
  }

  /** Puts the checkpoint back where it was, as somebody does who mends the store. */
  async mendCheckpoint(partition: number): Promise<void> {
    const id = String(partition).padStart(4, '0')
    await this.db.collection<{ _id: string }>('checkpoints').deleteOne({ _id: id, 'v.hash': FORGED })
  }

  /** Appends, as an owner would that has gone mad, a batch that follows nothing. */
  async appendRogue(partition: number): Promise<void> {
    const { nats, partitions } = this.cluster
    const link = await connectNats({ urls: nats.map(({ url }) => url), name: 'rogue' })
    try {
      const options = {
        dataSet: 'leet',
        partitions,
        streams: CLUSTER_STREAMS,
        replicas: 1,
        allowLazyFsync: true,
        monitorUrls: [],
      }
      const journal = await openJetStreamJournal(link, options)
      const header = { version: 1, partition, epoch: 99, previousHash: FORGED, firstSeq: 1, count: 0 } as const
      const bytes = encodeBatch({ ...header, delivered: [] }, new Uint8Array())
      const outcome = await journal.append(partition, await journal.head(partition), bytes)
      expect(outcome.kind).to.equal('committed')
      await journal.close()
    } finally {
      await link.close()
    }
  }

  /** Kills whoever serves the partition, and answers who does after it; `between` is done while nobody does. */
  async killOwner(partition: number, between: () => Promise<void> = async () => {}): Promise<TestServer> {
    const owner = await this.ownerOf(partition)
    await owner.kill()
    this.living = this.living.filter((server) => server !== owner)
    await between()
    return this.ownerOf(partition)
  }

  private async ownerOf(partition: number): Promise<TestServer> {
    let owner: TestServer | undefined
    await until(`partition ${partition} is served`, async () => {
      for (const server of this.living) {
        const { partitions } = await this.report(server)
        if (partitions.some((one: { partition: number }) => one.partition === partition)) owner = server
      }
      return owner !== undefined
    })
    if (owner === undefined) throw new Error('no owner')
    return owner
  }

  async join(): Promise<void> {
    this.living.push(await this.cluster.join())
  }

  async report(server: TestServer) {
    const { status, body } = await call(server.url, 'GET /admin/cluster', { token: await this.staffToken(server) })
    expect(status).to.equal(200)
    return body
  }

  /** Of one operator for all servers. */
  private async staffToken(server: TestServer): Promise<string> {
    if (this.token === null) {
      const identity = await openMongoIdentity(this.db, systemClock, () => {})
      this.token = (await newStaffIn(identity, server.url, 'operator')).token
      await identity.close()
    }
    return this.token
  }

  /** Resolves with what stands still at a server's partition, once it does; not with the halt `but`. */
  async halt(server: TestServer, partition: number, but: string | null = null): Promise<SeenHalt> {
    const found = (halts: readonly SeenHalt[]) => halts.find((one) => one.partition === partition && one.id !== but)
    let halt: SeenHalt | undefined
    await until(`partition ${partition} stands still`, async () => {
      halt = found((await this.report(server)).halts)
      return halt !== undefined
    })
    if (halt === undefined) throw new Error('no halt')
    return halt
  }

  async noHalts(server: TestServer): Promise<void> {
    await until('nothing stands still', async () => (await this.report(server)).halts.length === 0)
  }

  /** The operator's tool. */
  tool(...args: readonly string[]): Promise<RunResult> {
    const { NATS_URL = '', MONGO_URL = '' } = this.cluster.env
    return runProgramWith({ NATS_URL, MONGO_URL }, 'server/operator.ts', ...args)
  }

  resume(partition: number, decision: string, key = this.operators.ann): Promise<RunResult> {
    const order = ['--partition', String(partition), '--decision', decision, '--key', key, '--note', 'a test']
    return this.tool('resume', ...order)
  }
}

const FORGED = 'f'.repeat(64)

export async function deposit(guest: Guest, server: TestServer, amount: string): Promise<void> {
  const body = { currency: 'USD', amount, idempotency_key: newKey() }
  const { status, text } = await call(server.url, 'POST /wallet/deposit', { token: guest.token, body })
  expect(status, text).to.equal(200)
}
