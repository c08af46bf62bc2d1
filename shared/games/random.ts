// Chance in a game: a generator of 32-bit words from a seed (xoshiro128**), in integer arithmetic alone, so that every
// engine draws the same. Its four words live where the game wants them: inside the state, so that they are serialised.

/** How many words of state a generator needs. */
export const RANDOM_WORDS = 4

/** A word out of a text: the same text is the same word (FNV-1a, then mixed). Another `salt` hears another word. */
export function wordOf(text: string, salt = 0): number {
  let hash = 0x811c9dc5 ^ mix(salt)
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    hash = Math.imul(hash ^ (code & 0xff), 0x01000193)
    hash = Math.imul(hash ^ (code >>> 8), 0x01000193)
  }
  return mix(hash)
}

/** Scrambles a word (the finaliser of MurmurHash3): neighbours come out unlike each other. Unsigned. */
export function mix(word: number): number {
  let hash = word | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** A word that depends on all of its arguments and on no generator: the whims of a bot, say. Unsigned. */
export function blend(salt: number, first: number, second: number): number {
  return mix(mix(mix(salt) ^ first) + Math.imul(second, 0x9e3779b1))
}

/** Draws from `words`, which it changes; seed them once with `seedRandom`. */
export class Random {
  private readonly words: Int32Array

  constructor(words: Int32Array) {
    this.words = words
  }

  /** The next word: 0 to 2^32 - 1. */
  next(): number {
    const words = this.words
    const [a = 0, b = 0, c = 0, d = 0] = words
    const product = Math.imul(b, 5)
    const result = Math.imul((product << 7) | (product >>> 25), 9)
    const third = c ^ a
    const fourth = d ^ b
    words[1] = b ^ third
    words[0] = a ^ fourth
    words[2] = third ^ (b << 9)
    words[3] = (fourth << 11) | (fourth >>> 21)
    return result >>> 0
  }

  /** An integer of 0 to `count` - 1, each as likely: words above the last whole multiple are drawn again. */
  below(count: number): number {
    const limit = 0x1_0000_0000 - (0x1_0000_0000 % count)
    let word = this.next()
    while (word >= limit) word = this.next()
    return word % count
  }

  /** In place, each order as likely. */
  shuffle<T>(items: T[]): T[] {
    for (let last = items.length - 1; last > 0; last -= 1) {
      const other = this.below(last + 1)
      const moved = items[last] as T // both are within the array
      items[last] = items[other] as T
      items[other] = moved
    }
    return items
  }
}

/** Fills `words` from a seed, each apart, so that there are more matches than words. Never all zero: it would stay there. */
export function seedRandom(words: Int32Array, seed: string): Random {
  for (let index = 0; index < RANDOM_WORDS; index += 1) words[index] = wordOf(seed, index)
  if (words.every((word) => word === 0)) words[0] = 1
  return new Random(words)
}
