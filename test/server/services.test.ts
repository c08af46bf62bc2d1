// Which program `npm run services` takes, and what is said of those that are missing: fakes in folders of their own. No
// test here installs anything: there is no apt-get on these PATHs, and no Go that could build.

import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import {
  CANDIDATES,
  cacheFolder,
  findProgram,
  PROGRAMS_VARIABLE,
  type ServiceName,
} from '../../server/bin/services/programs.ts'
import { isOlder, NATS_SERVER_VERSION, versionIn } from '../../server/bin/services/versions.ts'
import { PROJECT_ROOT, temporaryFolder } from '../support/server.ts'
import { runServicesCommand as run, startServicesCommand } from '../support/servicesCommand.ts'
import { until } from '../support/until.ts'

const VARIABLES = [PROGRAMS_VARIABLE, 'PATH', 'XDG_CACHE_HOME', 'HOME'] as const

type Variables = Partial<Readonly<Record<(typeof VARIABLES)[number], string>>>

describe('versions', () => {
  for (const [version, least, older] of [
    ['2.12.3', [2, 12, 3], false],
    ['2.12.2', [2, 12, 3], true],
    ['2.9.25', [2, 12, 3], true],
    ['2.14.0', [2, 12, 3], false],
    ['3.0.0', [2, 12, 3], false],
    ['1.26', [1, 26, 0], false],
    ['1.19', [1, 21, 0], true],
    ['10.0.0', [7, 0, 0], false],
  ] as const) {
    it(`${version} is ${older ? 'older than' : 'at least'} ${least.join('.')}`, () => {
      expect(isOlder(version, least)).to.equal(older)
    })
  }

  for (const [said, version] of [
    ['nats-server: v2.14.9', '2.14.9'],
    ['Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64', '7.0.15'],
    ['db version v8.0.4\nBuild Info: {"version": "8.0.4"}', '8.0.4'],
    ['go version go1.26.8 linux/amd64', '1.26.8'],
    ['no such option', null],
  ] as const) {
    it(`reads ${version} in ${JSON.stringify(said.slice(0, 20))}`, () => {
      expect(versionIn(said)).to.equal(version)
    })
  }

  it('installed are new enough for the search', () => {
    expect(isOlder(NATS_SERVER_VERSION, CANDIDATES.nats[0]?.least ?? [])).to.equal(false)
    const goMod = readFileSync(join(PROJECT_ROOT, 'server/bin/services/ferretdb/go.mod'), 'utf8')
    const ferretdb = CANDIDATES.mongo.find(({ file }) => file === 'leet-ferretdb-2')
    const version = versionIn(/FerretDB v\S+/.exec(goMod)?.[0] ?? '')
    expect(version).to.equal(ferretdb?.least.join('.'))
  })
})

describe('the search for programs', () => {
  const before = VARIABLES.map((name) => [name, process.env[name]] as const)
  let own: string
  let onPath: string
  let cached: string

  beforeEach(() => {
    ;[own, onPath] = [temporaryFolder(), temporaryFolder()]
    setVariables({ [PROGRAMS_VARIABLE]: own, PATH: onPath, XDG_CACHE_HOME: temporaryFolder() })
    cached = cacheFolder()
    mkdirSync(cached, { recursive: true })
  })
  afterEach(() => setVariables(Object.fromEntries(before)))

  it('takes the folder named, then the PATH, then what was built here', () => {
    for (const [folder, version] of [
      [cached, '2.14.1'],
      [onPath, '2.14.2'],
      [own, '2.14.3'],
    ] as const) {
      fake(folder, 'nats-server', `nats-server: v${version}`)
      expect(found('nats')).to.equal(`${folder}/nats-server ${version}`)
    }
  })

  it('prefers MongoDB wherever it is, and passes by one that is too old', () => {
    fake(own, 'leet-ferretdb-2', 'FerretDB v1.24.2')
    fake(onPath, 'mongod', 'db version v6.0.9')
    expect(found('mongo')).to.equal(`${own}/leet-ferretdb-2 1.24.2`)
    fake(cached, 'mongod', 'db version v8.0.4')
    expect(found('mongo')).to.equal(`${cached}/mongod 8.0.4`)
  })

  it('says what it has seen, and what to do', () => {
    expect(found('redis')).to.equal('no redis-server found: npm run services installs it')
    fake(onPath, 'redis-server', 'Redis server v=5.0.7 sha=0')
    fake(own, 'redis-server', '')
    expect(found('redis')).to.include(`${onPath}/redis-server is 5.0.7, needed 6.2.0`)
    expect(found('redis')).to.include(`${own}/redis-server does not say its version`)
  })

  it('has a cache folder without HOME, and with an empty one', () => {
    for (const home of [undefined, '']) {
      setVariables({ PATH: onPath, ...(home === undefined ? {} : { HOME: home }) })
      expect(cacheFolder()).to.match(/^\/.+\/\.cache\/leetgaming-realtime\/bin$/)
    }
  })

  it('--check lists what is there and what is missing, and exits 1 while something is', async () => {
    fake(own, 'nats-server', 'nats-server: v2.14.9')
    fake(own, 'mongod', 'db version v8.0.4')
    const partly = await run(['--check'])
    expect(partly.code).to.equal(1)
    expect(partly.output.trim().split('\n')).to.deep.equal([
      `ok      nats  nats-server 2.14.9  ${own}/nats-server`,
      `ok      mongo mongod 8.0.4  ${own}/mongod`,
      'MISSING redis no redis-server found: npm run services installs it',
      'MISSING s3    no gofakes3 found: npm run services -- --install-only installs it',
      'MISSING chromium no chromium or chromium-browser or google-chrome found: npm run services -- --install-only installs it',
    ])
    fake(own, 'redis-server', 'Redis server v=7.2.0')
    fake(own, 'gofakes3', '')
    fake(own, 'chromium', 'Chromium 156.0.8078.108 built on Debian')
    expect((await run(['--check'])).code).to.equal(0)
    expect((await run(['--install-only'])).code, 'nothing to install').to.equal(0)
  })

  for (const args of [['--bogus'], ['--check', '--install-only'], ['--ports', '1,2'], ['--ports', '0,1,2'], ['x']]) {
    it(`refuses ${args.join(' ')} and says how it is used`, async () => {
      const { code, output } = await run(args)
      expect(code).to.equal(2)
      expect(output).to.include('usage: npm run services')
    })
  }

  it('builds what is missing, shows what a build that fails has said, and leaves no half a program', async () => {
    fake(onPath, 'nats-server.built', 'nats-server: v2.14.9')
    fakeGo(
      onPath,
      `[ "$1" = install ] && exec /bin/cp ${onPath}/nats-server.built $GOBIN/nats-server\necho boom >&2\nexit 3`,
    )
    fake(own, 'redis-server', 'Redis server v=7.2.0')
    fake(own, 'gofakes3', '')
    const { code, output } = await run(['--install-only'])
    expect(code).to.equal(1)
    expect(output).to.match(/boom\nmongo: .*: exit code 3$/m)
    expect(found('nats')).to.equal(`${cached}/nats-server 2.14.9`)
    expect(readdirSync(cached)).to.deep.equal(['nats-server'])
  })

  it('ends on a signal while it builds', async () => {
    fakeGo(onPath, 'exec /bin/sleep 60')
    const command = startServicesCommand(['--install-only'])
    await until('it builds', () => command.output().includes('building nats-server'))
    command.child.kill('SIGINT')
    expect(await command.ended).to.equal(130)
    expect(readdirSync(cached)).to.deep.equal([])
  })

  it('names what keeps it from installing, and starts nothing', async () => {
    fake(onPath, 'go', 'go version go1.19.8 linux/amd64')
    const { code, output } = await run([])
    expect(code).to.equal(1)
    for (const service of ['nats', 'mongo'])
      expect(output).to.include(`${service}: ${onPath}/go is Go 1.19.8: Go 1.21 `)
    expect(output).to.include('redis: no apt-get here')
    expect(output).to.not.include(' pid ')
  })
})

function fake(folder: string, file: string, says: string, andThen = ''): void {
  const path = join(folder, file)
  writeFileSync(path, `#!/bin/sh\necho '${says}'\n${andThen}`)
  chmodSync(path, 0o755)
}

/** Says a version when asked, and otherwise does this. */
function fakeGo(folder: string, script: string): void {
  fake(folder, 'go', 'go version go1.26.8', `[ "$1" = version ] && exit 0\n${script}\n`)
}

function found(service: ServiceName): string {
  const result = findProgram(service)
  return result.kind === 'found' ? `${result.program.path} ${result.program.version}` : result.why
}

function setVariables(values: Variables): void {
  for (const name of VARIABLES) {
    const value = values[name]
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
}
