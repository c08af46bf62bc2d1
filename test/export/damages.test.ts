// Exports that are damaged, cut off, put in another order or made up: each is refused with the first difference named, and
// nothing is left where the data set would have been.

import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { importLedger } from '../../server/export/importLedger.ts'
import { type ProofFolder, proofFolder, whyOf } from '../proof/bench.ts'
import { sampleLog } from '../support/sampleLog.ts'
import { temporaryFolder } from '../support/server.ts'
import { exported } from './bench.ts'

/** Changes the lines: the first one, those of batches, and the manifest last. */
type Change = (lines: string[]) => readonly string[]

const replaced = (from: string | RegExp, to: string): Change => {
  return (lines) => {
    const at = lines.findIndex((line) => line.search(from) !== -1)
    if (at === -1) throw new Error(`no line has ${from}`)
    return lines.map((line, index) => (index === at ? line.replace(from, to) : line))
  }
}

const inManifest = (from: string | RegExp, to: string): Change => {
  return (lines) => [...lines.slice(0, -1), (lines.at(-1) ?? '').replace(from, to)]
}

/** First and last line of the batch that begins at the n-th header. */
const batchAt = (lines: readonly string[], wanted: number): readonly [number, number] => {
  const headers = lines.flatMap((line, index) => (line.startsWith('{"v":') ? [index] : []))
  return [headers[wanted] ?? 0, headers[wanted + 1] ?? lines.length - 1]
}

const DAMAGES: readonly (readonly [what: string, change: Change, why: RegExp])[] = [
  ['nothing in it', () => [], /it is empty/],
  ['no first line', (lines) => lines.slice(1), /its first line is not that of an export/],
  ['another format', replaced('ledger export 1', 'ledger export 2'), /its first line is not that of an export/],
  ['no manifest', (lines) => lines.slice(0, -1), /it ends without a manifest: it was cut off, or never finished/],
  ['cut off in a batch', (lines) => lines.slice(0, -2), /it ends within the batch of line \d+/],
  ['lines behind the manifest', (lines) => [...lines, '{}'], /line \d+ follows the manifest/],
  ['two manifests', (lines) => [...lines, lines.at(-1) ?? ''], /line \d+ follows the manifest/],
  ['a changed amount', replaced('"700"', '"701"'), /batch of line \d+ does not follow: .* chain is cut/],
  [
    'a changed amount in the last batch',
    (lines) => {
      const at = lines.findLastIndex((line) => line.includes('"2000"'))
      return lines.map((line, index) => (index === at ? line.replace('"2000"', '"2001"') : line))
    },
    /partition 0: root is [0-9a-f]{64}, the manifest says [0-9a-f]{64}/,
  ],
  [
    'a changed header of the last batch',
    (lines) => {
      const at = lines.findLastIndex((line) => line.startsWith('{"v":1,"partition":0'))
      return lines.map((line, index) => (index === at ? line.replace(/\}$/, ',"delivered":[]}') : line))
    },
    /partition 0: head is [0-9a-f]{64}, the manifest says/,
  ],
  [
    'a record left out',
    (lines) => lines.filter((_, index) => index !== 3),
    /batch of line \d+ does not follow: record/,
  ],
  [
    'a record twice',
    (lines) => lines.toSpliced(3, 0, lines[2] ?? ''),
    /batch of line 2 does not follow: record 0:2: .* seq 1/,
  ],
  [
    'a batch left out',
    (lines) => {
      const [from, to] = batchAt(lines, 2)
      return lines.toSpliced(from, to - from)
    },
    /batch of line \d+ does not follow: record \d:\d+: chain is cut/,
  ],
  [
    'the last batch left out',
    (lines) => {
      const [from, to] = batchAt(lines, lines.filter((line) => line.startsWith('{"v":')).length - 1)
      return lines.toSpliced(from, to - from)
    },
    /records is \d+ in its lines, the manifest says \d+/,
  ],
  [
    'batches of two partitions in another order',
    (lines) => {
      const [first, second] = batchAt(lines, 0)
      const [, third] = batchAt(lines, 1)
      return [
        ...lines.slice(0, first),
        ...lines.slice(second, third),
        ...lines.slice(first, second),
        ...lines.slice(third),
      ]
    },
    /its lines have the SHA-256 .*: batches are in another order/,
  ],
  ['a batch of no partition', replaced('"partition":1,', '"partition":7,'), /no partition 7 among 2/],
  ['a line that is no JSON', replaced('"s":3', '"s"3'), /batch of line \d+ does not follow: record \d:\d+/],
  ['a header that is none', replaced('"count":', '"number":'), /line \d+ is not the header of a batch/],
  ['white space', replaced('{"v":1,', '{"v": 1,'), /batch of line \d+ does not follow/],
  ['an empty line', (lines) => lines.toSpliced(1, 0, ''), /line 2 is not the header of a batch/],
  [
    'a manifest of another data set',
    inManifest(/"dataSetId":"[^"]+"/, '"dataSetId":"another"'),
    /dataSetId is .*, the manifest says another/,
  ],
  [
    'a manifest of other sums',
    inManifest(/"debits":"\d+"/, '"debits":"1"'),
    /the sums of USD are .*, the manifest says/,
  ],
  [
    'a manifest of another head',
    inManifest(/"head":"[0-9a-f]{4}/, '"head":"0000'),
    /partition 0: head is .*, the manifest says 0000/,
  ],
  [
    'a manifest of fewer partitions',
    inManifest(/,\{"partition":1,[^}]*\}/, ''),
    /it has 2 partitions, the manifest lists 1/,
  ],
  [
    'a manifest of another length',
    inManifest(/"bytes":\d/, '"bytes":1'),
    /its lines are \d+ bytes, the manifest says 1\d*/,
  ],
  ['a manifest with more in it', inManifest('{"manifest"', '{"manifest" '), /line \d+ is not the header of a batch/],
  ['a manifest with an unknown field', inManifest('"records"', '"more":1,"records"'), /line \d+ is no manifest/],
  [
    'an as-of that the manifest has not',
    replaced('"asOf":null', '"asOf":"2026-01-01T00:00:00.000Z"'),
    /asOf is 2026.*, the manifest says null/,
  ],
]

describe('import of a damaged export', () => {
  let folder: ProofFolder
  let text: string
  before(async () => {
    folder = proofFolder(sampleLog().log.seal())
    text = readFileSync((await exported(folder.path, 'out.ndjson')).path, 'utf8')
  })
  after(() => folder.remove())

  const refused = async (path: string): Promise<string> => {
    const target = join(temporaryFolder(), 'data')
    const why = whyOf(await importLedger(path, target))
    expect(existsSync(target), 'a data set was made').to.equal(false)
    expect(readdirSync(dirname(target)), 'left over').to.deep.equal([])
    return why
  }

  for (const [what, change, why] of DAMAGES)
    it(`refuses ${what}`, async () => {
      const path = join(temporaryFolder(), 'out.ndjson')
      writeFileSync(
        path,
        change(text.trimEnd().split('\n'))
          .map((line) => `${line}\n`)
          .join(''),
      )
      expect(await refused(path)).to.match(why)
    })

  it('refuses a last line without an end, and bytes that are no text', async () => {
    const path = join(temporaryFolder(), 'out.ndjson')
    writeFileSync(path, text.slice(0, -1))
    expect(await refused(path)).to.match(/its last line has no end: it was cut off/)
    writeFileSync(path, Buffer.from(text, 'utf8').fill(0xff, 400, 402))
    expect(await refused(path)).to.match(/batch of line \d+ does not follow|is not the header of a batch/)
  })

  it('refuses any one changed byte', async () => {
    for (let at = 7; at < text.length; at += 211) {
      const bytes = Buffer.from(text, 'utf8')
      bytes[at] = (bytes[at] ?? 0) ^ 0x01
      const path = join(temporaryFolder(), 'out.ndjson')
      writeFileSync(path, bytes)
      expect(await refused(path), `byte ${at}`).to.not.equal('nothing was refused')
    }
  })

  it('refuses a folder without its manifest, or with a half of its lines', async () => {
    const { path } = await exported(folder.path)
    rmSync(join(path, 'manifest.json'))
    expect(await refused(path)).to.match(/manifest.json is not there/)
    const { path: other } = await exported(folder.path)
    appendFileSync(join(other, 'manifest.json'), '{')
    expect(await refused(other)).to.match(/manifest.json is no manifest/)
    const { path: third } = await exported(folder.path)
    const file = join(third, 'ledger.ndjson')
    writeFileSync(file, readFileSync(file).subarray(0, 2000))
    expect(await refused(third)).to.match(/cut off|ends within/)
  })

  it('does not touch a folder that is not empty, nor an interrupted import', async () => {
    const { path } = await exported(folder.path)
    const parent = temporaryFolder()
    for (const [there, why] of [
      ['data', /is not empty/],
      ['data.partial', /is there: another import writes it, or one was interrupted/],
    ] as const) {
      const found = join(parent, there)
      mkdirSync(found)
      writeFileSync(join(found, 'mine'), '1')
      const error = await importLedger(path, join(parent, 'data')).then(String, String)
      expect(error).to.match(why)
      expect(readdirSync(found)).to.deep.equal(['mine'])
      rmSync(found, { recursive: true })
    }
  })
})
