// `npm run bench [-- names…] [--json FILE] [--quick] [--entries N] [--store FILE]`: the benchmark. Server and load share this machine. Each part starts
// a server of its own over a new data folder, and what it wrote is audited when the load is over: a figure counts only
// if the audit passes. Exit 1 where a part fails or an audit does not pass; a target that is missed is only said so.

import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { clusterPart } from './bench/cluster/clusterPart.ts'
import { corePart } from './bench/corePart.ts'
import { exportPart } from './bench/exportPart.ts'
import { isMet, type PartResult, partPassed, renderPart, renderTargets } from './bench/figures.ts'
import { httpPart } from './bench/httpPart.ts'
import { ledgerPart } from './bench/ledgerPart.ts'
import { fixedWorkMs } from './bench/machineSpeed.ts'
import { memoryPart } from './bench/memoryPart.ts'
import { openPart } from './bench/openPart.ts'
import { queuePart, settlePart } from './bench/queuePart.ts'
import { recoveryPart } from './bench/recoveryPart.ts'
import { FULL, QUICK, type Scale } from './bench/scale.ts'
import { hotPart, transfersPart } from './bench/transfersPart.ts'
import { type Machine, machine } from './processStats.ts'

type Part = (scale: Scale) => Promise<PartResult>

const PARTS: Readonly<Record<string, Part>> = {
  transfers: transfersPart,
  open: openPart,
  core: corePart,
  recovery: recoveryPart,
  memory: memoryPart,
  hot: hotPart,
  http: httpPart,
  cluster: clusterPart,
  ledger: ledgerPart,
  queue: queuePart,
  settle: settlePart,
  export: exportPart,
}

/** Figures that come out of another part. */
const ALIASES: Readonly<Record<string, readonly string[]>> = { echo: ['transfers'], projector: ['open', 'recovery'] }

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'string' },
      quick: { type: 'boolean', default: false },
      entries: { type: 'string' },
      store: { type: 'string' },
    },
  })
  const names = chosen(positionals)
  const scale = { ...scaled(values.quick ? QUICK : FULL, values.entries), ledgerStore: values.store ?? null }
  const here = machine()
  console.log(renderMachine(here, scale))
  const results: PartResult[] = []
  let failed = false
  const fixedWork: number[] = []
  for (const name of names) {
    const speedMs = fixedWorkMs()
    fixedWork.push(speedMs)
    console.error(`\n… ${name} (fixed work: ${Math.round(speedMs)} ms)`)
    try {
      const result = await PARTS[name]?.(scale)
      if (result === undefined) continue
      results.push(result)
      failed ||= !partPassed(result)
      console.log(renderPart(result))
    } catch (error) {
      failed = true
      console.log(`\n${name}: FAILED`)
      console.error(error)
    }
  }
  fixedWork.push(fixedWorkMs())
  console.log(renderTargets(results))
  console.log(`Fixed work before each part and at the end, ms: ${fixedWork.map(Math.round).join(', ')}`)
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify(report(here, scale, results, fixedWork), null, 2)}\n`)
  process.exit(failed ? 1 : 0)
}

/** `--entries`: of the parts `ledger` and `export`. */
function scaled(scale: Scale, entries: string | undefined): Scale {
  if (entries === undefined) return scale
  if (/^[1-9]\d{2,8}$/.test(entries)) return { ...scale, ledgerEntries: Number(entries) }
  console.error(`--entries takes a whole number from 100 on, not "${entries}"`)
  process.exit(2)
}

function chosen(positionals: readonly string[]): readonly string[] {
  const wanted = positionals.flatMap((name) => ALIASES[name] ?? [name])
  const unknown = wanted.find((name) => !Object.hasOwn(PARTS, name))
  if (unknown !== undefined) {
    console.error(`No part "${unknown}". Parts: ${[...Object.keys(PARTS), ...Object.keys(ALIASES)].join(', ')}`)
    process.exit(2)
  }
  return Object.keys(PARTS).filter((name) => wanted.length === 0 || wanted.includes(name))
}

function renderMachine(here: Machine, { quick }: Scale): string {
  const { cores, cpu, memoryMb, node, platform, loadAverage } = here
  const load = loadAverage.toFixed(2)
  const busy = loadAverage > 0.5 ? ': something else is running, figures suffer' : ''
  return [
    `${cores} cores (${cpu}), ${memoryMb} MB, ${platform}, Node ${node}; load average at the start ${load}${busy}`,
    'Server and load share these cores. Durable: fsync on, counted when both wallets’ records are.',
    ...(quick ? ['Quick: too short for the figures to be the benchmark’s.'] : []),
  ].join('\n')
}

function report(here: Machine, scale: Scale, results: readonly PartResult[], fixedWorkMs: readonly number[]): unknown {
  const parts = results.map((result) => {
    return { ...result, figures: result.figures.map((figure) => ({ ...figure, met: isMet(figure) })) }
  })
  return { at: new Date().toISOString(), machine: here, fixedWorkMs, scale, parts }
}

await main()
