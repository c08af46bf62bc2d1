// Statements handed in, on MongoDB: the suite of the port.

import type { MongoConnection } from '../../server/mongo/mongoConnection.ts'
import { openMongoStatements } from '../../server/mongo/mongoStatements.ts'
import { mongoForTests } from '../support/mongo.ts'
import { describeWithServices } from '../support/services.ts'
import { statementBookSuite } from './statementBook.suite.ts'

describeWithServices(['mongo'], 'statements handed in on MongoDB', () => {
  const mongo = mongoForTests()
  const connections: MongoConnection[] = []
  afterEach(async () => {
    for (const connection of connections.splice(0)) await connection.close()
  })

  statementBookSuite('MongoDB', async (name) => {
    const connection = await mongo.connect(`statements_${name}`)
    connections.push(connection)
    return openMongoStatements(connection.db)
  })
})
