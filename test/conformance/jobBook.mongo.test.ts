// The book of jobs on MongoDB: the suite of the port, each process with a connection of its own, and an ending whose copy
// in its run was lost.

import { expect } from 'chai'
import type { MongoConnection } from '../../server/mongo/mongoConnection.ts'
import { openMongoJobBook } from '../../server/mongo/mongoJobBook.ts'
import { mongoForTests } from '../support/mongo.ts'
import { describeWithServices } from '../support/services.ts'
import { doneWith, jobBookSuite, newRun } from './jobBook.suite.ts'

describeWithServices(['mongo'], 'book of jobs on MongoDB', () => {
  const mongo = mongoForTests()
  const connections: MongoConnection[] = []
  const open = async (name: string) => {
    const connection = await mongo.connect(`jobs_${name}`)
    connections.push(connection)
    return openMongoJobBook(connection.db)
  }
  afterEach(async () => {
    for (const connection of connections.splice(0)) await connection.close()
  })

  jobBookSuite('MongoDB', open)

  it('takes an ending for what it is, where its process died before the run had it', async () => {
    const book = await open('halfway')
    await book.claim(newRun({ day: '2026-11-25' }))
    await book.finish('j_1', doneWith())
    const runs = connections.at(-1)?.db.collection<{ _id: string }>('job_runs')
    await runs?.updateOne({ _id: 'j_1' }, { $set: { state: 'running', ending: null } })
    expect(await book.running()).to.deep.equal([])
    expect((await book.lastDone('checkpoint', null))?.id).to.equal('j_1')
  })
})
