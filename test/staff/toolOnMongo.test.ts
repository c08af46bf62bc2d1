// The operator's tool on the books that processes share: the first admin, and the chain, with MONGO_URL alone.

import { expect } from 'chai'
import { openMongoBooks } from '../../server/cluster/clusterIdentity.ts'
import { mongoForTests } from '../support/mongo.ts'
import { type RunResult, runProgramWith } from '../support/server.ts'
import { describeWithServices } from '../support/services.ts'

describeWithServices(['mongo'], 'staff tool on MongoDB', () => {
  const mongo = mongoForTests()
  const tool = (...args: readonly string[]): Promise<RunResult> =>
    runProgramWith({ MONGO_URL: mongo.service.url, DATA_SET: 'tool' }, 'server/operator.ts', ...args)

  it('makes the first admin, and no second, and follows the chain of what it did', async () => {
    const made = await tool('admin', 'ann@example.com', '--create')
    expect(made.code, made.output).to.equal(0)
    const [id = ''] = /^u_\S+(?=,)/m.exec(made.output) ?? []
    const password = /shown this once: (\S{24})/.exec(made.output)?.[1] ?? ''
    expect((await tool('admin', 'bob@example.com', '--create')).code).to.equal(1)

    const { identity, auditLog, close } = await openMongoBooks(mongo.service.url, 'tool', () => {})
    const login = await identity.login('ann@example.com', password)
    expect(login.kind === 'signed_in' && login.session.user).to.deep.include({ id, roles: ['player', 'admin'] })
    const everything = { before: null, limit: 100, actor: null, route: null, outcome: null, fromMs: null, toMs: null }
    const { entries } = await auditLog.page(everything)
    expect(entries.map(({ outcome, target }) => [outcome, target])).to.deep.equal([
      ['done', id],
      ['attempted', null],
    ])
    await auditLog.close()
    await identity.close()
    await close()

    const verified = await tool('audit', 'verify')
    expect([verified.code, verified.output]).to.deep.equal([0, verified.output])
    expect(verified.output).to.match(/2 entries, chain is sound; head 2:/)
  })
})
