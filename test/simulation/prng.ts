// The only source of chance in a simulated run: a seeded generator that can be split into independent streams, so that
// a new draw in one part of the world does not shift every draw of the others.

export interface Weighted<T> {
  readonly weight: number
  readonly value: T
}

/** Murmur's finalizer: every input bit reaches every output bit. */
function mix(word: number): number {
  let hash = word | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

export function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return mix(hash)
}

export class Prng {
  private counter: number
  private readonly key: number

  constructor(seed: number, stream = 0) {
    this.key = mix(mix(seed) ^ stream)
    this.counter = mix(seed + 0x9e3779b9 + stream)
  }

  /** A generator of its own, fixed by this one's seed and the label alone. */
  split(label: string): Prng {
    return new Prng(this.key, hashText(label))
  }

  private word(): number {
    this.counter = (this.counter + 0x9e3779b9) | 0
    return mix(mix(this.counter) ^ this.key)
  }

  /** In [0, 1). */
  unit(): number {
    return this.word() / 0x100000000
  }

  /** A whole number in [0, limit). */
  below(limit: number): number {
    return Math.floor(this.unit() * limit)
  }

  /** A whole number from low to high, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1)
  }

  chance(probability: number): boolean {
    return probability > 0 && this.unit() < probability
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)]
    if (item === undefined) throw new Error('pick from nothing')
    return item
  }

  weighted<T>(choices: readonly Weighted<T>[]): T {
    let left = this.unit() * choices.reduce((sum, choice) => sum + choice.weight, 0)
    for (const choice of choices) {
      left -= choice.weight
      if (left < 0) return choice.value
    }
    throw new Error('no choice has weight')
  }
}
