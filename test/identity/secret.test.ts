// The token secret: where it comes from, and how it is kept.

import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { ConfigError } from '../../server/config.ts'
import { loadTokenSecret } from '../../server/identity/secret.ts'
import { temporaryFolder } from '../support/server.ts'

describe('token secret', () => {
  it('is made once and kept for its owner only', () => {
    const path = join(temporaryFolder(), 'data', 'token.secret')
    const made = loadTokenSecret({ kind: 'kept', path })
    expect(made).to.have.length.of.at.least(43)
    expect(statSync(path).mode & 0o777).to.equal(0o600)
    chmodSync(path, 0o644)
    expect(loadTokenSecret({ kind: 'kept', path })).to.equal(made)
    expect(statSync(path).mode & 0o777).to.equal(0o600)
    expect(readFileSync(path, 'utf8').trim()).to.equal(made)
  })

  it('is read from a file without its line end', () => {
    const path = join(temporaryFolder(), 'secret')
    writeFileSync(path, `${'s'.repeat(40)}\n`)
    expect(loadTokenSecret({ kind: 'file', path })).to.equal('s'.repeat(40))
  })

  it('is refused where the file is missing or too short, by name', () => {
    const path = join(temporaryFolder(), 'secret')
    expect(() => loadTokenSecret({ kind: 'file', path })).to.throw(ConfigError, /TOKEN_SECRET_FILE.*secret/)
    writeFileSync(path, 'short\n')
    expect(() => loadTokenSecret({ kind: 'file', path })).to.throw(ConfigError, /at least 32/)
    expect(() => loadTokenSecret({ kind: 'kept', path })).to.throw(ConfigError, /at least 32/)
  })
})
