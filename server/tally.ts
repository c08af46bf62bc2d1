// Histograms counted in plain arrays and written out when Prometheus asks. An observation costs a tenth of a
// microsecond, which the metrics library's own labels do not allow on the way of every command.

interface TallyLine {
  readonly metricName: string
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
}

/** Label combinations kept; what comes beyond is counted as `other`, so that no input can grow the memory (A5). */
const SERIES_LIMIT = 2000
const OTHER = 'other'

interface Series {
  readonly labels: Readonly<Record<string, string>>
  readonly counts: Float64Array
  sum: number
  count: number
}

export class Tally {
  readonly name: string
  readonly help: string
  readonly type = 'histogram'
  readonly aggregator = 'sum'
  readonly #labelNames: readonly string[]
  readonly #bounds: readonly number[]
  readonly #series: Series[] = []
  /** By the first, second and third label's value: maps of short fixed strings, nothing is joined or allocated. */
  readonly #tree = new Map<string, Map<string, Map<string, Series>>>()

  /** At most three labels. `bounds`: upper limits of the buckets, ascending. */
  constructor(name: string, help: string, labelNames: readonly string[], bounds: readonly number[]) {
    this.name = name
    this.help = help
    this.#labelNames = labelNames
    this.#bounds = bounds
  }

  /** `labels` in the order of the label names. */
  observe(value: number, first = '', second = '', third = ''): void {
    const series = this.#tree.get(first)?.get(second)?.get(third) ?? this.#add(first, second, third)
    const bounds = this.#bounds
    let at = 0
    while (at < bounds.length && value > (bounds[at] ?? 0)) at++
    if (at < bounds.length) series.counts[at] = (series.counts[at] ?? 0) + 1
    series.sum += value
    series.count++
  }

  /** How often each combination of labels was observed. */
  counted(): readonly { readonly labels: Readonly<Record<string, string>>; readonly count: number }[] {
    return this.#series
  }

  // What the metrics library asks of a metric: `get` at each scrape, `reset` when told to forget.
  async get() {
    const { name, help, type, aggregator } = this
    const values = this.#series.flatMap((series) => this.#lines(series))
    return { name, help, type, aggregator, values }
  }

  reset(): void {
    this.#series.length = 0
    this.#tree.clear()
  }

  #add(first: string, second: string, third: string): Series {
    if (this.#series.length >= SERIES_LIMIT && first !== OTHER) {
      return this.#tree.get(OTHER)?.get(OTHER)?.get(OTHER) ?? this.#add(OTHER, OTHER, OTHER)
    }
    const values = [first, second, third]
    const labels = Object.fromEntries(this.#labelNames.map((name, at) => [name, values[at] ?? '']))
    const series = { labels, counts: new Float64Array(this.#bounds.length), sum: 0, count: 0 }
    this.#series.push(series)
    const bySecond = this.#tree.get(first) ?? new Map<string, Map<string, Series>>()
    const byThird = bySecond.get(second) ?? new Map<string, Series>()
    this.#tree.set(first, bySecond.set(second, byThird.set(third, series)))
    return series
  }

  #lines({ labels, counts, sum, count }: Series): TallyLine[] {
    let total = 0
    const buckets = this.#bounds.map((bound, at) => {
      total += counts[at] ?? 0
      return { metricName: `${this.name}_bucket`, labels: { ...labels, le: bound }, value: total }
    })
    return [
      ...buckets,
      { metricName: `${this.name}_bucket`, labels: { ...labels, le: '+Inf' }, value: count },
      { metricName: `${this.name}_sum`, labels, value: sum },
      { metricName: `${this.name}_count`, labels, value: count },
    ]
  }
}
