// Runs before every npm script, under whatever Node the machine has (20 or later), with no dependencies.
// Installs what is missing, so that a fresh clone needs no command before `npm start` or `npm test`.
// Afterwards npm finds node_modules/.bin/node (Node 22, pinned in package.json) first on its PATH.

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const OLDEST_NODE_MAJOR = 20
const INSTALL_LIMIT_MS = 600_000 // npm can retry for ever when package.json and the lock file contradict each other
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const lockFile = join(root, 'package-lock.json')
const stampFile = join(root, 'node_modules', '.leet-installed')

/** The stamp is the checksum of the lock file that node_modules was installed from. */
function checksum() {
  return createHash('sha256').update(readFileSync(lockFile)).digest('hex')
}

function stamp() {
  return existsSync(stampFile) ? readFileSync(stampFile, 'utf8').trim() : ''
}

function bundledNode() {
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  return join(root, 'node_modules', 'node', 'bin', name)
}

function isInstalled() {
  return existsSync(lockFile) && existsSync(bundledNode()) && stamp() === checksum()
}

function fail(message) {
  console.error(message)
  process.exit(1)
}

function install() {
  console.error('Installing dependencies (only when package-lock.json has changed; may take a minute) …')
  rmSync(stampFile, { force: true })
  // The Node 22 binary is a dev dependency: NODE_ENV=production must not leave it out.
  const args = ['install', '--no-audit', '--no-fund', '--include=dev']
  const npm = process.env.npm_execpath
  const options = {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: INSTALL_LIMIT_MS,
  }
  const done = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...args], options)
    : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' })
  if (done.signal === 'SIGINT') process.exit(130)
  if (done.error || done.status !== 0) {
    process.stderr.write(`${done.stdout ?? ''}${done.stderr ?? ''}`)
    fail(`npm install failed (${done.error?.message ?? done.signal ?? `exit code ${done.status}`}), see above.`)
  }
  const version = spawnSync(bundledNode(), ['--version'], { encoding: 'utf8' })
  if (version.status !== 0) {
    fail('npm install left no working node_modules/node: its install script must run (no --ignore-scripts).')
  }
  writeFileSync(stampFile, `${checksum()}\n`)
}

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE_MAJOR) {
  fail(`Node ${OLDEST_NODE_MAJOR} or later is needed to start; this is ${process.version} (${process.execPath}).`)
}
if (!isInstalled()) install()
