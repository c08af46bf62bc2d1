// What MongoDB is refused for at a start (S1): one line that names the variable and what to do, and shows no password.

import { expect } from 'chai'
import { connectMongo } from '../../server/mongo/mongoConnection.ts'
import { MongoStore } from '../../server/mongo/mongoStore.ts'
import { startFakeMongo } from '../support/fakeMongo.ts'
import { mongoForTests } from '../support/mongo.ts'
import { freePort } from '../support/server.ts'
import { describeWithServices } from '../support/services.ts'

const SECRET = 's3cret%2Fk3y'
const fast = { selectionMs: 300 }

/** The line it was refused with. */
async function refused(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof Error)) throw new Error('it was not refused')
  expect(error.name, error.stack).to.equal('DataSetError')
  expect(error.message).not.to.match(/\n|s3cret|k3y/)
  expect(error.message).to.match(/^MONGO_URL: .+\. .+\.$/)
  return error.message
}

describe('MongoDB that cannot be used', () => {
  for (const [what, url] of [
    ['another scheme', `http://u:${SECRET}@db:27017/`],
    ['no host', `mongodb://u:${SECRET}@`],
    ['a password not escaped', `mongodb://u:${decodeURIComponent(SECRET)}@db:27017/`],
    ['an unknown option', `mongodb://u:${SECRET}@db:27017/?retryWritez=1`],
    ['a wrong value', `mongodb://u:${SECRET}@db:27017/?tls=maybe`],
  ] as const) {
    it(`is refused where its address has ${what}`, async () => {
      expect(await refused(connectMongo(url, 'leet', fast))).to.match(/not usable as an address of MongoDB/)
    })
  }

  it('is refused where nobody answers', async () => {
    const port = await freePort()
    const line = await refused(connectMongo(`mongodb://u:${SECRET}@127.0.0.1:${port}/`, 'leet', fast))
    expect(line).to.match(
      new RegExp(`no server that takes writes answers at 127.0.0.1:${port} .*ECONNREFUSED.*Start it`),
    )
  })

  it('is refused where it refuses the login', async () => {
    const server = await startFakeMongo('7.0.1')
    const line = await refused(connectMongo(`mongodb://u:${SECRET}@127.0.0.1:${server.port}/`, 'leet', fast))
    await server.close()
    expect(line).to.match(/refused the user or the password/)
  })

  for (const version of ['4.4.29', '6.0.12', 'unknown']) {
    it(`is refused where it is of version ${version}`, async () => {
      const server = await startFakeMongo(version)
      const line = await refused(connectMongo(`mongodb://127.0.0.1:${server.port}/`, 'leet', fast))
      await server.close()
      expect(line).to.contain(`is MongoDB ${version}, needed 7.0 or newer`)
    })
  }
})

describeWithServices(['mongo'], 'database of another data set', () => {
  const mongo = mongoForTests()
  const dataSet = { id: 'one', partitions: 16 }

  async function open(database: string, asked: typeof dataSet, notices: string[] = []): Promise<void> {
    const connection = await mongo.connect(database)
    try {
      await MongoStore.open(connection, asked, (text) => notices.push(text))
    } finally {
      await connection.close()
    }
  }

  it('is opened again by the one it was made for, by many at once', async () => {
    const database = mongo.newDatabase()
    await Promise.all([1, 2, 3].map(() => open(database, dataSet)))
    await open(database, dataSet)
  })

  it('says once what FerretDB lacks', async () => {
    const { server, close } = await mongo.connect(mongo.newDatabase())
    await close()
    const notices: string[] = []
    await open(mongo.newDatabase(), dataSet, notices)
    expect(notices.length).to.equal(server.kind === 'ferretdb' ? 1 : 0)
  })

  for (const [what, asked, says] of [
    [
      'another number of partitions',
      { id: 'one', partitions: 8 },
      /made with 16 partitions, .* with 8\. Set PARTITIONS=16/,
    ],
    ['another data set', { id: 'two', partitions: 16 }, /made from another journal \(one\) than this one \(two\)/],
  ] as const) {
    it(`is refused to ${what}`, async () => {
      const database = mongo.newDatabase()
      await open(database, dataSet)
      expect(await refused(open(database, asked))).to.match(says)
    })
  }

  it('is refused where it is of another format', async () => {
    const database = mongo.newDatabase()
    await open(database, dataSet)
    const { db, close } = await mongo.connect(database)
    await db.collection('meta').updateOne({}, { $set: { format: 99 } })
    await close()
    expect(await refused(open(database, dataSet))).to.match(/of format 99, this program reads 1/)
  })
})
