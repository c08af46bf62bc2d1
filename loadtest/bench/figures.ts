// What a part of the benchmark answers, and how it is shown: one line for each figure, with its target where the issue
// names one.

export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly target?: Target
  /** What the number means or includes. */
  readonly note?: string
}

export interface Target {
  readonly least?: number
  readonly most?: number
  /** Better than asked for: shown, never required. */
  readonly aim?: number
}

export interface PartResult {
  readonly part: string
  readonly title: string
  readonly figures: readonly Figure[]
  readonly audit: AuditResult | null
}

export interface AuditResult {
  readonly passed: boolean
  readonly records: number
  readonly elapsedMs: number
  /** What the auditor printed, where it did not pass. */
  readonly problem: string
}

/** Null where the figure has no target. */
export function isMet({ value, target }: Figure): boolean | null {
  if (target === undefined) return null
  const { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY } = target
  return value >= least && value <= most
}

export function partPassed({ audit }: PartResult): boolean {
  return audit === null || audit.passed
}

export function renderPart(result: PartResult): string {
  const lines = [`\n${result.title}`]
  const width = Math.max(...result.figures.map(({ name }) => name.length))
  for (const figure of result.figures) {
    const left = `  ${figure.name.padEnd(width)}  ${shown(figure.value).padStart(11)} ${figure.unit.padEnd(10)}`
    lines.push(`${left} ${verdict(figure)}${figure.note === undefined ? '' : `  ${figure.note}`}`.trimEnd())
  }
  const { audit } = result
  if (audit !== null) {
    const took = `${shown(audit.records)} records in ${(audit.elapsedMs / 1000).toFixed(1)} s`
    lines.push(`  audit: ${audit.passed ? `passed, ${took}` : `FAILED\n${audit.problem}`}`)
  }
  return lines.join('\n')
}

/** The figures that have a target, once more, below everything. */
export function renderTargets(results: readonly PartResult[]): string {
  const judged = results.flatMap(({ figures }) => figures.filter(({ target }) => target !== undefined))
  if (judged.length === 0) return ''
  const width = Math.max(...judged.map(({ name }) => name.length))
  const lines = judged.map((figure) => {
    return `  ${figure.name.padEnd(width)}  ${shown(figure.value).padStart(11)} ${figure.unit.padEnd(10)} ${verdict(figure)}`
  })
  return `\nTargets\n${lines.join('\n')}`
}

export function shown(value: number): string {
  if (!Number.isFinite(value)) return 'n/a'
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

function verdict(figure: Figure): string {
  const met = isMet(figure)
  if (met === null) return ''
  const { least, most, aim } = figure.target ?? {}
  const bounds = [
    least === undefined ? '' : `at least ${shown(least)}`,
    most === undefined ? '' : `at most ${shown(most)}`,
    aim === undefined ? '' : `aim ${shown(aim)}`,
  ]
  return `${met ? 'met    ' : 'NOT MET'} (${bounds.filter((text) => text !== '').join(', ')})`
}
