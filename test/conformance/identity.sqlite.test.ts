// Identity on SQLite: the suite of the port, and what only a file can get wrong.

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { SqliteIdentity } from '../../server/identity/sqliteIdentity.ts'
import { ManualTime } from '../support/manualTime.ts'
import { temporaryFolder } from '../support/server.ts'
import { identitySuite } from './identity.suite.ts'

const folder = temporaryFolder()

identitySuite('SQLite', async (clock, dataSet) => new SqliteIdentity(join(folder, dataSet, 'identity.db'), clock))

describe('identity file', () => {
  const clock = new ManualTime(Date.UTC(2026, 0, 1))

  it('keeps neither passwords nor refresh tokens', async () => {
    const home = temporaryFolder()
    const identity = new SqliteIdentity(join(home, 'identity.db'), clock)
    const ann = { email: 'ann@example.com', password: 'correct horse battery', displayName: 'Ann' }
    const registered = await identity.register(ann)
    const token = registered.kind === 'signed_in' ? registered.session.refreshToken : ''
    const [session = '', secret = ''] = token.split('.')
    await identity.login('somebody@example.com', ann.password)
    const bytes = readdirSync(home).map((name) => readFileSync(join(home, name)))
    const holds = (text: string): boolean => bytes.some((file) => file.includes(text))
    expect(holds('Ann') && holds(session) && holds('$argon2id$'), 'the file is read').to.equal(true)
    expect([ann.password, secret, 'somebody@example.com'].filter(holds)).to.deep.equal([])
    await identity.close()
  })

  const BEFORE_4 = `DROP TABLE factors; DROP TABLE recovery_codes; DROP INDEX users_erased;
    ALTER TABLE users DROP COLUMN factor; ALTER TABLE users DROP COLUMN erased_at_ms;
    ALTER TABLE sessions DROP COLUMN factor; PRAGMA user_version = 3;`
  const BEFORE_3 = `${BEFORE_4} DROP TABLE destinations; PRAGMA user_version = 2;`
  const BEFORE_2 = `${BEFORE_3} ALTER TABLE sessions DROP COLUMN previous_hash;
    ALTER TABLE sessions DROP COLUMN previous_until_ms; PRAGMA user_version = 1;`
  for (const [format, back] of [
    ['1', BEFORE_2],
    ['2', BEFORE_3],
    ['3', BEFORE_4],
  ] as const) {
    it(`of format ${format} is taken over, with its sessions`, () => takesOver(back))
  }

  async function takesOver(back: string): Promise<void> {
    const path = join(temporaryFolder(), 'identity.db')
    const made = new SqliteIdentity(path, clock)
    const { refreshToken, user } = await made.createGuest('Ann')
    await made.close()
    const database = new DatabaseSync(path)
    database.exec(back)
    database.close()
    for (const opening of ['first', 'second']) {
      const identity = new SqliteIdentity(path, clock)
      const swapped = await identity.refresh(refreshToken)
      expect(swapped.kind === 'signed_in' && swapped.session.user, opening).to.deep.equal(user)
      expect(await identity.destinationOf(user.id, 'somewhere')).to.be.a('string')
      await identity.close()
    }
  }

  for (const [trouble, spoil, says] of [
    ['is no database', (path: string) => writeFileSync(path, 'not a database at all '.repeat(100)), /not a database/],
    [
      'was made by a newer release',
      (path: string) => {
        const database = new DatabaseSync(path)
        database.exec('PRAGMA user_version = 99')
        database.close()
      },
      /format 99/,
    ],
    [
      'is damaged',
      (path: string) => {
        const bytes = readFileSync(path)
        bytes.fill(0xff, 4096, statSync(path).size)
        writeFileSync(path, bytes)
      },
      /./,
    ],
  ] as const) {
    it(`is refused when it ${trouble}, by name and with a remedy`, async () => {
      const path = join(temporaryFolder(), 'identity.db')
      const made = new SqliteIdentity(path, clock)
      for (let guest = 0; guest < 50; guest++) await made.createGuest(null)
      await made.close()
      spoil(path)
      expect(() => new SqliteIdentity(path, clock))
        .to.throw(says)
        .that.includes({ name: 'DataSetError', file: path })
    })
  }
})
