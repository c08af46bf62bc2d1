// Every document the store writes is one that MongoDB's validators take. FerretDB checks nothing, so the test does: by
// the few words of JSON Schema that server/mongo/validators.ts uses.

import { expect } from 'chai'
import { Double, Int32, Long } from 'mongodb'
import { Projector } from '../../actors/projection/projector.ts'
import { MongoStore } from '../../server/mongo/mongoStore.ts'
import { VALIDATORS } from '../../server/mongo/validators.ts'
import { recordId } from '../../shared/ids.ts'
import { command, PartitionLog } from '../support/batches.ts'
import { deposit, KINDS, receive, refuse, send, takeBack } from '../support/counterKind.ts'
import { LISTED_KINDS } from '../support/listedKind.ts'
import { mongoForTests } from '../support/mongo.ts'
import { describeWithServices } from '../support/services.ts'
import { SUITE_PARTITIONS } from './store.suite.ts'

interface Schema {
  readonly bsonType?: string | readonly string[]
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: boolean
  readonly items?: Schema
  readonly pattern?: string
  readonly minimum?: number
}

function bsonType(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return 'string'
  if (value instanceof Long) return 'long'
  if (value instanceof Int32) return 'int'
  if (value instanceof Double) return 'double'
  if (value instanceof Date) return 'date'
  return Array.isArray(value) ? 'array' : 'object'
}

/** What is wrong with a value, by where it is. */
function faults(value: unknown, schema: Schema, at: string): readonly string[] {
  const { bsonType: wanted = [], required = [], properties = {}, items, pattern, minimum } = schema
  const type = bsonType(value)
  if (![wanted].flat().includes(type)) return [`${at} is ${type}`]
  if (typeof value === 'string')
    return pattern === undefined || new RegExp(pattern).test(value) ? [] : [`${at}: ${value}`]
  if (minimum !== undefined && Number(value) < minimum) return [`${at}: ${value}`]
  if (Array.isArray(value)) return items === undefined ? [] : value.flatMap((item) => faults(item, items, `${at}[]`))
  if (type !== 'object') return []
  const fields = Object.entries(value as object) // an object by its type
  const missing = required
    .filter((name) => !fields.some(([field]) => field === name))
    .map((name) => `${at}.${name} missing`)
  const wrong = fields.flatMap(([name, field]) => {
    const known = properties[name]
    return known === undefined ? [`${at}.${name} unknown`] : faults(field, known, `${at}.${name}`)
  })
  return [...missing, ...wrong]
}

describeWithServices(['mongo'], 'documents over MongoDB', () => {
  const mongo = mongoForTests()

  it('are of the shape their validators ask for', async () => {
    const database = mongo.newDatabase()
    const store = await MongoStore.open(await mongo.connect(database), { id: 'suite', partitions: SUITE_PARTITIONS })
    const [home, away] = [new PartitionLog(1, SUITE_PARTITIONS), new PartitionLog(2, SUITE_PARTITIONS)]
    home.epochRecord()
    for (let index = 0; index < 200; index++) deposit(home, 'ann', 100n)
    home.add({ actor: 'counter/ann', cause: command('send', 'k'), outcome: { kind: 'refused', code: 'wallet.closed' } })
    receive(away, send(home, 'ann', 'bob', 5n))
    const sent = send(home, 'ann', 'bob', 7n)
    const listing = { status: 'open', sortMs: home.atMs, tags: ['game:arena'], fields: { seats: 2 } }
    home.add({ actor: 'listed/l_1', cause: command('list', 'l1'), events: [listing] })
    home.add({ actor: 'listed/l_2', cause: command('list', 'l2'), events: [null] })
    takeBack(home, refuse(away, sent), recordId(1, sent.seq))
    const projector = new Projector({ kinds: new Map([...KINDS, ...LISTED_KINDS]), store })
    await projector.resume([1, 2])
    await projector.take([home.cutAt(1), away.cutAt(2)])
    await projector.round()
    const { db, close } = await mongo.connect(database)
    for (const [name, schema] of Object.entries(VALIDATORS)) {
      const rows = await db.collection(name).find({}, { promoteValues: false }).toArray()
      if (name !== 'partition_parts') expect(rows.length, name).to.be.above(0)
      expect(rows.flatMap((row) => faults(row, schema, name))).to.deep.equal([])
    }
    await close()
    await store.close()
  })
})
