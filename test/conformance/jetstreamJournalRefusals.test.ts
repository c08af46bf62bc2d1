// Data sets that are refused at start: each in one line that names what is not as it has to be and what to do about it.

import { jetstream, jetstreamManager, StorageType } from '@nats-io/jetstream'
import { Kvm } from '@nats-io/kv'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { expect } from 'chai'
import { newDataSet, openJournal, refusal, type Wanted } from '../support/jetstreamBench.ts'
import { freePort } from '../support/server.ts'
import { describeWithServices, type NatsService, startNats } from '../support/services.ts'

describeWithServices(['nats'], 'a data set in JetStream is refused at start for', () => {
  let server: NatsService
  let admin: NatsConnection
  let dataSet: string

  before(async () => {
    server = await startNats({ config: 'authorization { user: "le et", password: "sec:ret/" }' })
    admin = await connect({ servers: server.url, user: 'le et', pass: 'sec:ret/' })
  })
  beforeEach(() => {
    dataSet = newDataSet()
  })
  after(async () => {
    await admin.close()
    await server.kill()
  })

  const wanted = (more: Partial<Wanted> = {}): Wanted => ({
    urls: [server.url.replace('//', '//le%20et:sec%3Aret%2F@')],
    dataSet,
    monitorUrls: [server.monitorUrl],
    ...more,
  })
  const name = (stream: number): string => `LEET_${dataSet.toUpperCase()}_J${stream}`

  async function made(): Promise<void> {
    await (await openJournal(wanted())).close()
  }

  it('nothing, with credentials that need escaping', made)

  const changes: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
    ['max_age', { max_age: 3_600_000_000_000 }, /max_age is 3600000000000, not 0\. Set max_age back/],
    ['max_msgs', { max_msgs: 10 }, /max_msgs is 10, not -1/],
    ['max_bytes', { max_bytes: 1_000_000 }, /max_bytes is 1000000, not -1/],
    ['max_msg_size', { max_msg_size: 1000 }, /max_msg_size is 1000, not -1/],
    ['discard', { discard: 'old' }, /discard is "old", not "new"/],
    ['no_ack', { no_ack: true }, /no_ack is true, not false/],
    ['allow_direct', { allow_direct: false }, /allow_direct is .*, not true/],
    ['subjects', { subjects: ['other.>'] }, /subjects is \["other\.>"\]/],
  ]
  for (const [field, change, expected] of changes) {
    it(`a stream whose ${field} was changed`, async () => {
      await made()
      await (await jetstreamManager(admin)).streams.update(name(1), change)
      expect(await refusal(wanted()))
        .to.match(expected)
        .and.to.match(/^stream LEET_SET\w+_J1: /)
    })
  }

  const makings: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
    ['storage', { storage: StorageType.Memory }, /storage is "memory", not "file"/],
    ['deny_delete', { deny_delete: false }, /deny_delete is .*, not true/],
    ['deny_purge', { deny_purge: false }, /deny_purge is .*, not true/],
    ['persist_mode', { persist_mode: 'async' }, /persist_mode is "async", not "default"/],
    ['retention', { retention: 'workqueue' }, /retention is "workqueue", not "limits"/],
  ]
  for (const [field, making, expected] of makings) {
    it(`a stream made with another ${field}`, async () => {
      const config = {
        name: name(0),
        subjects: [`leet.${dataSet}.j.0.*`],
        storage: StorageType.File,
        discard: 'new',
        deny_delete: true,
        deny_purge: true,
        allow_direct: true,
        ...making,
      }
      // As another program would make it: with values the client's type does not know together.
      await (await jetstreamManager(admin)).streams.add(config as unknown as { name: string })
      expect(await refusal(wanted())).to.match(expected)
    })
  }

  it('another number of replicas', async () => {
    await made()
    expect(await refusal(wanted({ replicas: 3 }))).to.match(
      /^bucket LEET_\w+_META: it has 1 replicas, not 3\. Set JOURNAL_REPLICAS=1, or/,
    )
  })

  it('more replicas than servers', async () => {
    expect(await refusal(wanted({ replicas: 3 }))).to.match(/JOURNAL_REPLICAS/)
  })

  it('another number of partitions', async () => {
    await made()
    expect(await refusal(wanted({ partitions: 32 }))).to.match(
      /^bucket LEET_\w+_META: made with 16 partitions, asked to open with 32\. Set PARTITIONS=16, or DATA_SET/,
    )
  })

  it('another number of streams', async () => {
    await made()
    expect(await refusal(wanted({ streams: 1 }))).to.match(
      /made with 2 streams, asked to open with 1\. Set JOURNAL_STREAMS=2/,
    )
  })

  it('a data set of another format', async () => {
    const bucket = await new Kvm(jetstream(admin)).create(`LEET_${dataSet.toUpperCase()}_META`)
    await bucket.put('facts', JSON.stringify({ format: 2, dataSetId: 'x', partitions: 16, streams: 2 }))
    expect(await refusal(wanted())).to.match(/of format 2, this program reads 1\. Run the version/)
  })

  it('a bucket that holds something else', async () => {
    const bucket = await new Kvm(jetstream(admin)).create(`LEET_${dataSet.toUpperCase()}_META`)
    await bucket.put('facts', 'hello')
    expect(await refusal(wanted())).to.match(/does not hold a data set's facts .*\. Bring back the bucket/)
  })

  it('a stream that was deleted', async () => {
    await made()
    await (await jetstreamManager(admin)).streams.delete(name(1))
    expect(await refusal(wanted())).to.match(
      /_J1: missing, though the data set was made with it\. Restore it from a backup/,
    )
  })

  it('facts that were deleted under batches', async () => {
    const opened = await openJournal(wanted())
    await opened.journal.append(1, 0, Buffer.from('a'))
    await opened.close()
    await (await jetstreamManager(admin)).streams.delete(`KV_LEET_${dataSet.toUpperCase()}_META`)
    expect(await refusal(wanted())).to.match(/_META: missing, though its streams hold batches\. Bring back/)
  })

  it('monitoring that is not there, not given, or of another server', async () => {
    const nobody = `http://user:secret@127.0.0.1:${await freePort()}`
    expect(await refusal(wanted({ monitorUrls: [nobody] }))).to.match(
      /^NATS_MONITOR_URL http:\/\/127\.0\.0\.1:\d+: does not answer .*ECONNREFUSED/,
    )
    expect(await refusal(wanted({ monitorUrls: [], allowLazyFsync: false }))).to.match(
      /^NATS_MONITOR_URL: not set, .*ALLOW_LAZY_FSYNC=1/,
    )
    const other = await startNats()
    expect(await refusal(wanted({ monitorUrls: [other.monitorUrl] }))).to.match(
      /does not name server \w+\. Set NATS_MONITOR_URL to .* each server/,
    )
    await other.kill()
  })

  it('a server that acknowledges before it syncs, unless that is allowed', async () => {
    const server = await startNats({ lazy: true })
    const wanted = { urls: [server.url], monitorUrls: [server.monitorUrl] }
    expect(await refusal(wanted)).to.match(
      /acknowledges before it has synced\. Set sync_interval: always .*or ALLOW_LAZY_FSYNC=1/,
    )
    await (await openJournal({ ...wanted, allowLazyFsync: true })).close()
    await server.kill()
  })
})
