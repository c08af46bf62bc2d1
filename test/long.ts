// `npm run test:long`: the fault runs that take longer than a commit should wait. Each step prints its own result; the
// exit code is 0 when all of them passed.

import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const node = ['--disable-warning=ExperimentalWarning']
const mocha = join(root, 'node_modules', 'mocha', 'bin', 'mocha.js')

const steps: readonly (readonly [what: string, args: readonly string[]])[] = [
  ['SIGKILL under load', [mocha, '--no-config', '--exit', 'test/e2e/sigkill.test.ts']],
  ['simulation', ['test/simulation/cli.ts', '--seed', '1', '--runs', '3000']],
]

let failed = 0
for (const [what, args] of steps) {
  console.log(`\n== ${what}`)
  const env = { ...process.env, LONG: '1' }
  const done = spawnSync(process.execPath, [...node, ...args], { cwd: root, stdio: 'inherit', env })
  const passed = done.status === 0
  console.log(`== ${what}: ${passed ? 'passed' : `FAILED (exit code ${done.status})`}`)
  if (!passed) failed++
}
process.exitCode = failed === 0 ? 0 : 1
