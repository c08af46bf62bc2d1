// Starting and stopping: what refuses to start says so in one line that names the trouble and the remedy; what is told
// to stop drains first, and leaves nothing in transit.

import {
  closeSync,
  copyFileSync,
  cpSync,
  existsSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { call, newGuest, newKey } from '../support/http.ts'
import {
  type RunResult,
  runProgram,
  runServer,
  type ServerEnvironment,
  startTestServer,
  type TestServer,
  temporaryFolder,
} from '../support/server.ts'
import { WalletClient } from '../support/walletClient.ts'

/** Refused: an exit code of its own, and one line for whoever reads it. */
function expectRefusal(result: RunResult | 'started', ...says: readonly (string | RegExp)[]): void {
  if (result === 'started') throw new Error('the server started')
  const lines = result.output.trim().split('\n')
  expect(lines, result.output).to.have.length(1)
  expect(result.code, result.output).to.be.greaterThan(0)
  for (const part of says) {
    if (typeof part === 'string') expect(lines[0]).to.include(part)
    else expect(lines[0]).to.match(part)
  }
  expect(lines[0], 'no stack').to.not.match(/\.ts:\d+|node:internal/)
}

/** Deposits and transfers, so that journal and store have something in them. */
async function use(server: TestServer, rounds = 10): Promise<void> {
  const [alice, bob] = [await WalletClient.join(server.url), await WalletClient.join(server.url)]
  await alice.deposit('100.00', newKey())
  for (let round = 0; round < rounds; round++) {
    await alice.must('transfer', {
      to: bob.guest.walletId,
      currency: 'USD',
      amount: '1.00',
      key: newKey(),
      memo: 'x'.repeat(100),
    })
  }
  await Promise.all([alice.leave(), bob.leave()])
}

interface Audit {
  readonly code: number
  readonly report: {
    readonly sound: boolean
    readonly violation: unknown
    readonly summary: {
      readonly records: number
      readonly undelivered: number
      readonly assets: readonly { readonly asset: string; readonly transitMinor: string }[]
    }
  }
}

async function audit(dataDir: string): Promise<Audit> {
  const { code, output } = await runProgram('server/verify.ts', '--data', dataDir, '--json')
  return { code, report: JSON.parse(output) }
}

describe('start: refused', () => {
  it('a second server on the same folder', async () => {
    const server = await startTestServer()
    try {
      expectRefusal(
        await runServer({ DATA_DIR: server.dataDir, PORT: '0' }),
        server.dataDir,
        `pid ${server.pid}`,
        'DATA_DIR',
      )
      await use(server, 1)
      expect(existsSync(join(server.dataDir, 'server.json')), 'the first is still known').to.equal(true)
    } finally {
      expect(await server.stop()).to.equal(0)
    }
  })

  it('a port that is taken', async () => {
    const server = await startTestServer()
    try {
      for (const TRANSPORT of ['uws', 'ws']) {
        const port = new URL(server.url).port
        expectRefusal(await runServer({ DATA_DIR: temporaryFolder(), PORT: port, TRANSPORT }), port, 'PORT')
      }
      await use(server, 1)
    } finally {
      await server.stop()
    }
  })

  // One of each sort; every variable has its rows in test/server/config.test.ts.
  const settings: readonly (readonly [variable: string, env: ServerEnvironment])[] = [
    ['PORT', { PORT: 'http' }],
    ['RATE_LIMITS', { RATE_LIMITS: 'off', NODE_ENV: 'production', TOKEN_SECRET: 's'.repeat(40) }],
    ['TOKEN_SECRET', { NODE_ENV: 'production', RATE_LIMITS: 'on' }],
    ['TOKEN_SECRET', { TOKEN_SECRET: 'short' }],
    ['TOKEN_SECRET_FILE', { TOKEN_SECRET_FILE: '/nowhere/at/all' }],
    ['NATS_URL', { NATS_URL: 'nats://localhost' }],
    ['HOST', { HOST: '203.0.113.7' }],
    ['DATA_DIR', { DATA_DIR: '/dev/null' }],
  ]
  for (const [variable, env] of settings) {
    it(`${JSON.stringify(env)}: names ${variable}`, async () => {
      const result = await runServer({ DATA_DIR: temporaryFolder(), PORT: '0', ...env })
      expectRefusal(result, variable)
      if (variable === 'TOKEN_SECRET')
        expect(JSON.stringify(result), 'secrets are not repeated').to.not.include('short')
    })
  }
})

describe('start: damaged data', () => {
  let intact: string

  before(async () => {
    const server = await startTestServer({ PARTITIONS: '4' })
    intact = server.dataDir
    await use(server, 40)
    // Killed, so that the newest commits are in the write-ahead log only.
    await server.kill()
  })

  /** A copy of the folder to damage. */
  function copied(): string {
    const folder = temporaryFolder()
    for (const name of [
      'journal.db',
      'journal.db-wal',
      'store.db',
      'store.db-wal',
      'identity.db',
      'identity.db-wal',
      'audit-log.db',
      'audit-log.db-wal',
      'token.secret',
    ]) {
      if (existsSync(join(intact, name))) copyFileSync(join(intact, name), join(folder, name))
    }
    return folder
  }
  const start = (folder: string, env: ServerEnvironment = {}) =>
    runServer({ DATA_DIR: folder, PORT: '0', PARTITIONS: '4', ...env })

  function overwrite(file: string, offset: number, bytes: Uint8Array): void {
    const fd = openSync(file, 'r+')
    writeSync(fd, bytes, 0, bytes.length, offset)
    closeSync(fd)
  }
  /** Moves everything from the log into the main file. */
  function checkpoint(file: string): void {
    const db = new DatabaseSync(file)
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    db.close()
  }
  function replaceByText(file: string): void {
    checkpoint(file)
    writeFileSync(file, 'not a database, but long enough '.repeat(1_000))
  }
  /** One bit of one commit, by somebody who can write SQL but no checksums. */
  function changeCommit(file: string): void {
    const db = new DatabaseSync(file)
    const bytes = db.prepare('SELECT bytes FROM commits WHERE id = 8').get()?.bytes
    if (!(bytes instanceof Uint8Array)) throw new Error('there is no commit 8')
    const at = bytes.length - 10
    bytes[at] = (bytes[at] ?? 0) ^ 1
    db.prepare('UPDATE commits SET bytes = ? WHERE id = 8').run(bytes)
    db.close()
  }
  function sql(file: string, statement: string): void {
    const db = new DatabaseSync(file)
    db.exec(statement)
    db.close()
  }

  const damages: readonly (readonly [what: string, file: string, damage: (file: string, folder: string) => void])[] = [
    ['an empty journal', 'journal.db', (file) => truncateSync(file, 0)],
    ['a journal that is text', 'journal.db', replaceByText],
    [
      'a journal cut in half',
      'journal.db',
      (file) => {
        checkpoint(file)
        truncateSync(file, Math.floor(statSync(file).size / 2))
      },
    ],
    [
      'a journal without its last page',
      'journal.db',
      (file) => {
        checkpoint(file)
        truncateSync(file, statSync(file).size - 16 * 1024)
      },
    ],
    [
      'a journal with other bytes in a page of its data',
      'journal.db',
      (file) => {
        checkpoint(file)
        const bytes = readFileSync(file)
        const places = [...bytes.toString('latin1').matchAll(/"c":\["send"/g)].map(({ index }) => index)
        expect(places).to.not.have.length(0)
        for (const place of places) overwrite(file, place + 3, Buffer.from('9'))
      },
    ],
    ['a journal one of whose commits is gone', 'journal.db', (file) => sql(file, 'DELETE FROM commits WHERE id = 5')],
    ['a journal one of whose commits was changed', 'journal.db', changeCommit],
    [
      'a journal of another format',
      'journal.db',
      (file) => sql(file, "UPDATE facts SET value = 99 WHERE name = 'format'"),
    ],
    [
      'a log whose middle is damaged',
      'journal.db',
      (file) => {
        const log = `${file}-wal`
        overwrite(log, Math.floor(statSync(log).size / 3), Buffer.alloc(64, 0xee))
      },
    ],
    ['a store that is text', 'store.db', replaceByText],
    [
      'a store of another data set',
      'store.db',
      (file, folder) => {
        checkpoint(join(folder, 'journal.db'))
        sql(join(folder, 'journal.db'), "UPDATE facts SET value = 'another' WHERE name = 'data_set'")
        checkpoint(file)
      },
    ],
    ['an identity file that is text', 'identity.db', replaceByText],
    ['an audit log that is text', 'audit-log.db', replaceByText],
    ['an empty token secret', 'token.secret', (file) => truncateSync(file, 0)],
  ]
  for (const [what, file, damage] of damages) {
    it(`${what}: refused, and nothing is touched`, async () => {
      const folder = copied()
      damage(join(folder, file), folder)
      const before = readFileSync(join(folder, file))
      expectRefusal(await start(folder), file)
      expect(Buffer.compare(readFileSync(join(folder, file)), before), 'left as it was').to.equal(0)
    })
  }

  it('another number of partitions than the data set was made with', async () => {
    expectRefusal(await start(copied(), { PARTITIONS: '8' }), 'journal.db', '4', '8')
  })

  it('a journal that is older than its store: refused, and told which is which', async () => {
    const folder = copied()
    const old = temporaryFolder()
    checkpoint(join(folder, 'journal.db'))
    copyFileSync(join(folder, 'journal.db'), join(old, 'journal.db'))
    const server = await startTestServer({ DATA_DIR: folder, PARTITIONS: '4' })
    await use(server, 20)
    expect(await server.stop()).to.equal(0)
    for (const suffix of ['-wal', '-shm']) rmSync(join(folder, `journal.db${suffix}`), { force: true })
    copyFileSync(join(old, 'journal.db'), join(folder, 'journal.db'))
    expectRefusal(await start(folder), /journal\.db|store\.db/)
  })

  it('a store of a copy that went on by itself: refused, and told where they part', async () => {
    const server = await startTestServer({ PARTITIONS: '1' })
    await use(server, 1)
    expect(await server.stop()).to.equal(0)
    const copy = temporaryFolder()
    cpSync(server.dataDir, copy, { recursive: true })
    // Each goes on for as long as the other: an epoch, and a snapshot at its end.
    for (const DATA_DIR of [server.dataDir, copy]) {
      const one = await startTestServer({ DATA_DIR, PARTITIONS: '1' })
      expect(await one.stop(), one.output).to.equal(0)
    }
    for (const suffix of ['', '-wal', '-shm']) {
      rmSync(join(server.dataDir, `store.db${suffix}`), { force: true })
      const other = join(copy, `store.db${suffix}`)
      if (existsSync(other)) copyFileSync(other, join(server.dataDir, `store.db${suffix}`))
    }
    const refused = await runServer({ DATA_DIR: server.dataDir, PORT: '0', PARTITIONS: '1' })
    expectRefusal(refused, /made from another journal.*rebuilt/)
  })

  it('a commit torn by a crash was never acknowledged: the server starts', async () => {
    const folder = copied()
    const log = join(folder, 'journal.db-wal')
    truncateSync(log, statSync(log).size - 100)
    const server = await startTestServer({ DATA_DIR: folder, PARTITIONS: '4' })
    await use(server, 1)
    expect(await server.stop(), server.output).to.equal(0)
  })

  it('a store that is gone is made anew', async () => {
    const folder = copied()
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(folder, `store.db${suffix}`), { force: true })
    const server = await startTestServer({ DATA_DIR: folder, PARTITIONS: '4' })
    await use(server, 1)
    expect(await server.stop(), server.output).to.equal(0)
    expect((await audit(folder)).code).to.equal(0)
  })

  it('undamaged, the copy starts', async () => {
    const folder = copied()
    const server = await startTestServer({ DATA_DIR: folder, PARTITIONS: '4' })
    expect(await server.stop(), server.output).to.equal(0)
    expect((await audit(folder)).code).to.equal(0)
  })
})

describe('stop', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`${signal} under load: drains, exits 0, nothing is in transit, nothing acknowledged is lost`, async () => {
      const server = await startTestServer()
      const [alice, bob] = [await WalletClient.join(server.url), await WalletClient.join(server.url)]
      await alice.deposit('10000.00', newKey())
      let acknowledged = 0
      const sending = Array.from({ length: 8 }, async () => {
        for (;;) {
          const order = { to: bob.guest.walletId, currency: 'USD', amount: '0.01', key: newKey() }
          const reply = await alice.request('transfer', order)
          if (reply.kind !== 'ok') return
          if (++acknowledged === 100) process.kill(server.pid, signal)
        }
      })
      await Promise.all(sending)
      expect(await server.ended(), server.output).to.equal(0)
      expect(existsSync(join(server.dataDir, 'server.json')), 'it says no longer where it is').to.equal(false)
      const { code, report } = await audit(server.dataDir)
      expect([code, report.sound, report.summary.undelivered]).to.deep.equal([0, true, 0])
      expect(report.summary.assets.map((row) => row.transitMinor)).to.deep.equal(['0'])
      await server.restart()
      const back = await WalletClient.join(server.url, bob.guest)
      const received = Math.round(Number((await back.balance()).available) * 100)
      expect(received).to.be.at.least(acknowledged)
      await server.stop()
    })
  }

  it('at the very moment it is ready: exits 0', async () => {
    const server = await startTestServer()
    expect(await server.stop(), server.output).to.equal(0)
  })

  it('told twice, as npm passes Ctrl-C on: exits 0 all the same', async () => {
    const server = await startTestServer()
    await use(server, 1)
    process.kill(server.pid, 'SIGINT')
    process.kill(server.pid, 'SIGINT')
    process.kill(server.pid, 'SIGTERM')
    expect(await server.ended(), server.output).to.equal(0)
  })

  it('what was there is there again after stop and start: tokens, balances, history', async () => {
    const server = await startTestServer()
    const guest = await newGuest(server.url)
    const body = { currency: 'USD', amount: '42.00', idempotency_key: newKey() }
    await call(server.url, 'POST /wallet/deposit', { token: guest.token, body })
    for (const how of ['stop', 'kill'] as const) {
      await server[how]()
      await server.restart()
      const balance = await call(server.url, 'GET /wallet/balance', { token: guest.token })
      expect([balance.status, balance.body.balances]).to.deep.equal([200, { USD: '42.00' }])
      const again = await call(server.url, 'POST /wallet/deposit', { token: guest.token, body })
      expect(again.status, 'the same key, carried out once').to.be.within(200, 201)
      const history = await call(server.url, 'GET /wallet/transactions', { token: guest.token })
      expect(history.body.total_count).to.equal(1)
    }
    expect(await server.stop()).to.equal(0)
  })
})
