// The audit log on MongoDB: the suite of the port, and what processes do that append at the same moment, each with a
// connection of its own.

import { expect } from 'chai'
import type { Clock } from '../../actors/runtime/ports.ts'
import { openMongoAuditLog } from '../../server/mongo/mongoAuditLog.ts'
import type { MongoConnection } from '../../server/mongo/mongoConnection.ts'
import type { AuditLog } from '../../server/staff/auditLog.ts'
import { checkChain } from '../../server/staff/chainCheck.ts'
import { ManualTime } from '../support/manualTime.ts'
import { mongoForTests } from '../support/mongo.ts'
import { describeWithServices } from '../support/services.ts'
import { auditFact, auditLogSuite } from './auditLog.suite.ts'

describeWithServices(['mongo'], 'audit log on MongoDB', () => {
  const mongo = mongoForTests()
  const connections: MongoConnection[] = []
  const connect = async (database: string): Promise<MongoConnection> => {
    const connection = await mongo.connect(database)
    connections.push(connection)
    return connection
  }
  const open = async (clock: Clock, name: string): Promise<AuditLog> =>
    openMongoAuditLog((await connect(`audit_${name}`)).db, clock)
  afterEach(async () => {
    for (const connection of connections.splice(0)) await connection.close()
  })

  auditLogSuite('MongoDB', open)

  it('names an entry that somebody has changed', async () => {
    const clock = new ManualTime(Date.UTC(2026, 0, 1))
    const log = await open(clock, 'changed')
    for (let entry = 1; entry <= 5; entry++) await log.append(auditFact())
    const entries = connections.at(-1)?.db.collection<{ _id: number }>('audit_log')
    await entries?.updateOne({ _id: 3 }, { $set: { actor: null } })
    expect((await checkChain(log)).broken).to.deep.include({ seq: 3 })
    await entries?.deleteOne({ _id: 2 })
    expect((await checkChain(log)).broken).to.deep.include({ seq: 2 })
    await log.close()
  })

  it('is unavailable while the database is away, soon for all that wait, and goes on when it is back', async () => {
    const clock = new ManualTime(Date.UTC(2026, 0, 1))
    const log = await open(clock, 'away')
    await log.append(auditFact())
    await mongo.service.kill()
    const failures = await Promise.all(
      Array.from({ length: 20 }, () => log.append(auditFact()).catch((error: unknown) => error)),
    )
    for (const failure of failures) expect(failure).to.include({ name: 'ServiceError', code: 'unavailable' })
    await mongo.service.start()
    await log.append(auditFact())
    expect((await checkChain(log)).broken).to.equal(null)
    await log.close()
  })
})
