// The sandbox provider's book on MongoDB: the suite of the port, each hand with a connection of its own.

import type { MongoConnection } from '../../server/mongo/mongoConnection.ts'
import { openMongoSandbox, openMongoSandboxBook } from '../../server/mongo/mongoSandbox.ts'
import { mongoForTests } from '../support/mongo.ts'
import { describeWithServices } from '../support/services.ts'
import { sandboxSuite } from './sandbox.suite.ts'

describeWithServices(['mongo'], 'sandbox provider on MongoDB', () => {
  const mongo = mongoForTests()
  const connections: MongoConnection[] = []
  afterEach(async () => {
    for (const connection of connections.splice(0)) await connection.close()
  })

  sandboxSuite('MongoDB', async (clock, name) => {
    const connect = async (): Promise<MongoConnection['db']> => {
      const connection = await mongo.connect(`sandbox_${name}`)
      connections.push(connection)
      return connection.db
    }
    const provider = await openMongoSandbox(await connect(), clock)
    const other = await openMongoSandbox(await connect(), clock)
    const book = await openMongoSandboxBook(await connect())
    if (book === null) throw new Error('there is no book')
    return { provider, other, book }
  })
})
