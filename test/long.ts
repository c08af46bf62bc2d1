// `npm run test:long [-- NAME]`: the fault runs that take longer than a commit should wait, all of them or those whose name
// begins so. Each step prints its own result; the exit code is 0 when all of them passed.

import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const node = ['--disable-warning=ExperimentalWarning']
const mocha = join(root, 'node_modules', 'mocha', 'bin', 'mocha.js')

/** Each of the fault tests over real servers and services has to pass so often in a row. */
const FAULT_RUNS = 10
const FAULTS = ['test/cluster/faults.test.ts', 'test/cluster/network.test.ts']

const steps: readonly (readonly [what: string, args: readonly string[]])[] = [
  ['SIGKILL under load', [mocha, '--no-config', '--exit', 'test/e2e/sigkill.test.ts']],
  ['SIGKILL of programs', [mocha, '--no-config', '--exit', 'test/backup/kill.test.ts']],
  ['simulation', ['test/simulation/cli.ts', '--seed', '1', '--runs', '3000']],
  ...Array.from({ length: FAULT_RUNS }, (_, run): readonly [string, readonly string[]] => [
    `many servers, run ${run + 1} of ${FAULT_RUNS}`,
    [mocha, '--no-config', '--exit', ...FAULTS],
  ]),
]

const wanted = process.argv[2] ?? ''
const chosen = steps.filter(([what]) => what.startsWith(wanted))
if (chosen.length === 0) {
  console.error(`No step begins with "${wanted}". Steps: ${steps.map(([what]) => what).join(', ')}`)
  process.exit(2)
}
let failed = 0
for (const [what, args] of chosen) {
  console.log(`\n== ${what}`)
  const env = { ...process.env, LONG: '1', REQUIRE_SERVICES: '1' }
  const done = spawnSync(process.execPath, [...node, ...args], { cwd: root, stdio: 'inherit', env })
  const passed = done.status === 0
  console.log(`== ${what}: ${passed ? 'passed' : `FAILED (exit code ${done.status})`}`)
  if (!passed) failed++
}
console.log(`\n${chosen.length - failed} of ${chosen.length} steps passed`)
process.exitCode = failed === 0 ? 0 : 1
