// A match computed again has to come out the same on any engine, so games use nothing that may differ between two runs:
// of Math only what IEEE 754 rounds exactly, no clock, no chance but their own, nothing of the place they run in.

import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

const ROOT = fileURLToPath(new URL('../../shared/games/', import.meta.url))
const EXACT = new Set(['sqrt', 'abs', 'min', 'max', 'floor', 'trunc', 'imul'])

const FORBIDDEN: readonly (readonly [string, RegExp])[] = [
  ['a power, which engines round differently', /\*\*/],
  ['a number that is no integer', /(?<![\w.])\d[\d_]*\.\d/],
  ['numbers of less precision', /\bFloat(?:16|32)Array\b|\bfround\b/],
  ['a clock or a calendar', /\bDate\b|\bperformance\b|\bTemporal\b|\bhrtime\b/],
  ['chance from outside', /\bcrypto\b|\brandom(?:UUID|Bytes|Int)\b/],
  ['waiting', /\basync\b|\bawait\b|\bPromise\b|\bset(?:Timeout|Interval|Immediate)\b|\bqueueMicrotask\b/],
  ['a language or a place', /\bIntl\b|\btoLocale\w+|\blocaleCompare\b/],
  ['the process or its globals', /\bprocess\b|\bglobalThis\b|\bconsole\b|\bfetch\b|\beval\b|\bFunction\(/],
  ['an import from elsewhere', /\bfrom\s+'(?!\.{1,2}\/)|\bimport\(/],
]

/** Comments and texts say what they like. */
function codeOf(path: string): string {
  const source = readFileSync(ROOT + path, 'utf8')
  const code = source.replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, '')
  return code.replace(/(?<!from )'(?:[^'\\\n]|\\.)*'/g, "''")
}

function faultsOf(code: string): string[] {
  const functions = [...code.matchAll(/\bMath\s*(?:\.\s*(\w+)|\[)/g)].map(([whole, name]) => name ?? whole)
  return [
    ...functions.filter((name) => !EXACT.has(name)).map((name) => `Math.${name}`),
    ...FORBIDDEN.filter(([, pattern]) => pattern.test(code)).map(([what]) => what),
    ...(/\bMath\b(?!\s*[.[])/.test(code) ? ['Math handed on'] : []),
  ]
}

describe('the source of the games', () => {
  const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'))

  for (const path of files) {
    it(`${path} uses what is the same everywhere`, () => {
      expect(faultsOf(codeOf(path))).to.deep.equal([])
      const imports = [...readFileSync(ROOT + path, 'utf8').matchAll(/from '((?:\.\.\/)+)/g)].map(([, up]) => up ?? '')
      for (const up of imports)
        expect(up.length / 3, 'an import that leaves the games').to.be.below(path.split('/').length)
    })
  }

  it('would be refused for any of this', () => {
    const wrong = [
      'Math.sin(x)',
      'Math.random()',
      'x ** 2',
      'x * 0.5',
      'Date.now()',
      'const { cos } = Math',
      "Math['pow'](x, 2)",
    ]
    for (const code of [...wrong, "import x from 'node:os'", 'await y', 'crypto.randomUUID()']) {
      expect(faultsOf(code), code).to.not.deep.equal([])
    }
    for (const code of ['Math.floor(x / 2)', 'a[0].b', '1_000', 'x.5'.slice(0, 1)])
      expect(faultsOf(code), code).to.deep.equal([])
  })
})
