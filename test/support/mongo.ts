// One MongoDB for a suite, and a database of its own for each test.

import { connectMongo, type MongoConnection, type MongoTimeouts } from '../../server/mongo/mongoConnection.ts'
import { type Service, startMongo } from './services.ts'

export interface TestMongo {
  readonly service: Service
  newDatabase(): string
  connect(database: string, timeouts?: MongoTimeouts): Promise<MongoConnection>
}

/** Started before the suite that calls this, and stopped after it. */
export function mongoForTests(): TestMongo {
  let service: Service | null = null
  let databases = 0
  const running = (): Service => {
    if (service === null) throw new Error('MongoDB is not started yet')
    return service
  }
  before(async () => {
    service = await startMongo()
  })
  after(async () => {
    await service?.stop()
  })
  return {
    get service() {
      return running()
    },
    newDatabase: () => `leet_${++databases}`,
    connect: (database, timeouts) => connectMongo(running().url, database, timeouts),
  }
}

/** The connection, whose write of this number (from 1) does half of its documents and then fails; the others go through. */
export function failingAt(connection: MongoConnection, failing: { write: number }): MongoConnection {
  let writes = 0
  const halved = (method: (rows: unknown[], options: unknown) => Promise<unknown>) => {
    return async (rows: unknown[], options: unknown): Promise<unknown> => {
      if (++writes !== failing.write) return method(rows, options)
      const half = rows.slice(0, rows.length >> 1)
      if (half.length > 0) await method(half, options)
      throw new Error('the connection broke')
    }
  }
  const db = new Proxy(connection.db, {
    get(target, name) {
      const value = Reflect.get(target, name, target)
      if (name !== 'collection') return typeof value === 'function' ? value.bind(target) : value
      return (collection: string) => {
        const real = target.collection(collection)
        const insertMany = halved((rows, options) => real.insertMany(rows as never, options as never)) // as they came
        const bulkWrite = halved((rows, options) => real.bulkWrite(rows as never, options as never)) // as they came
        return Object.assign(Object.create(real), { insertMany, bulkWrite })
      }
    },
  })
  return { ...connection, db }
}
