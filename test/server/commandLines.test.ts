// What the programs say to arguments that they do not know: how they are used, exit code 2, and nothing is started.

import { expect } from 'chai'
import { runProgram } from '../support/server.ts'

describe('unknown arguments', () => {
  for (const [program, usage] of [
    ['loadtest/demo.ts', 'usage: npm run demo'],
    ['server/verify.ts', 'usage: npm run verify'],
    ['server/proof.ts', 'usage: npm run proof'],
    ['server/reconcile.ts', 'usage: npm run reconcile'],
    ['server/export.ts', 'usage: npm run export'],
    ['server/import.ts', 'usage: npm run import'],
    ['server/backup.ts', 'usage: npm run backup'],
    ['server/restore.ts', 'usage: npm run restore'],
    ['test/simulation/cli.ts', 'usage: npm run simulate'],
    ['server/bin/services/cli.ts', 'usage: npm run services'],
  ] as const) {
    it(`are refused by ${program}`, async () => {
      for (const argument of ['--bogus', 'bogus']) {
        const { code, output } = await runProgram(program, argument)
        expect(code, output).to.equal(2)
        expect(output).to.include('bogus').and.to.include(usage)
        expect(output).to.not.match(/\.ts:\d+/)
      }
    })
  }
})
