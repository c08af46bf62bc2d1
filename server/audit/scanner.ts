// Reads the JSON of a log in place, value by value, without building objects: what the auditor does not look at (events,
// bodies, replies) is checked to be JSON and passed over as text. It takes only what a canonical writer makes: no white
// space between tokens, no key twice.

import type { Names } from './names.ts'
import { Raw } from './raw.ts'
import { broken } from './violation.ts'

const QUOTE = 0x22
const PLUS = 0x2b
export const COMMA = 0x2c
const MINUS = 0x2d
const DOT = 0x2e
export const ZERO = 0x30
const NINE = 0x39
const COLON = 0x3a
export const OPEN_LIST = 0x5b
const BACKSLASH = 0x5c
export const CLOSE_LIST = 0x5d
export const OPEN_OBJECT = 0x7b
export const CLOSE_OBJECT = 0x7d

export const LINE_FEED = 0x0a

const MAX_DEPTH = 200
/** Digits that a number holds exactly. */
const EXACT_DIGITS = 15
const MAX_DIGITS = 30

export class Scanner {
  private readonly bytes: Buffer
  private readonly names: Names
  at = 0

  constructor(bytes: Buffer, names: Names) {
    this.bytes = bytes
    this.names = names
  }

  /** True, and past it, if this character is next. */
  skip(character: number): boolean {
    if (this.bytes[this.at] !== character) return false
    this.at++
    return true
  }

  expect(character: number): void {
    if (!this.skip(character)) this.fail(`${JSON.stringify(String.fromCharCode(character))} expected`)
  }

  /** A whole number that is not negative: everything counted in a log is. */
  count(): number {
    const start = this.at
    const value = this.digits(16)
    if (value > Number.MAX_SAFE_INTEGER) this.fail('too large')
    const leadingZero = this.at - start > 1 && this.bytes[start] === ZERO
    if (leadingZero) this.fail('no whole number')
    return value
  }

  /** Text out of quotes. */
  string(): string {
    const start = this.at
    const plain = this.passString()
    return plain ? this.text(start + 1, this.at - 1) : this.unescape(start)
  }

  /** A string that is not empty. */
  filled(): string {
    const text = this.string()
    return text === '' ? this.fail('empty text') : text
  }

  /** Like `string`, for names that come again and again: see Names. */
  name(): string {
    const { bytes } = this
    const start = this.at + 1
    if (bytes[start - 1] !== QUOTE) this.fail('no text')
    let at = start
    let hash = 0
    for (let code = bytes[at] ?? 0; code !== QUOTE; code = bytes[++at] ?? 0) {
      // An escape, more than ASCII, a control character or the end: the plain way finds out which.
      if (code === BACKSLASH || code > 0x7e || code < 0x20) return this.string()
      hash = Math.imul(hash ^ code, 0x01000193)
    }
    this.at = at + 1
    return this.names.keep(bytes, start, at, hash)
  }

  /** The key of a field, and past its colon. */
  key(): string {
    const key = this.name()
    this.expect(COLON)
    return key
  }

  /** A string of decimal digits that may have a minus before it. */
  minor(): bigint {
    this.expect(QUOTE)
    const negative = this.skip(MINUS)
    const start = this.at
    const value = this.digits(MAX_DIGITS)
    const leadingZero = this.bytes[start] === ZERO && (this.at - start > 1 || negative)
    if (leadingZero) this.fail('no minor units')
    const minor = this.at - start <= EXACT_DIGITS ? BigInt(value) : BigInt(this.text(start, this.at))
    this.expect(QUOTE)
    return negative ? -minor : minor
  }

  /** Passes over any JSON value. */
  value(): Raw {
    const start = this.at
    this.passValue(0)
    return new Raw(this.bytes, start, this.at)
  }

  fail(what: string): never {
    const line = this.bytes.lastIndexOf(LINE_FEED, Math.max(0, this.at - 1)) + 1
    const near = this.text(this.at, Math.min(this.at + 40, this.bytes.length)).split('\n')[0] ?? ''
    return broken(
      'J3',
      `${what} at byte ${this.at - line + 1}, before ${near === '' ? 'the end' : JSON.stringify(near)}`,
    )
  }

  private text(start: number, end: number): string {
    return this.bytes.toString('utf8', start, end)
  }

  private digits(most: number): number {
    const { bytes } = this
    const start = this.at
    let at = start
    let value = 0
    for (let code = bytes[at] ?? 0; code >= ZERO && code <= NINE; code = bytes[++at] ?? 0)
      value = value * 10 + (code - ZERO)
    if (at === start || at - start > most) this.fail(`not 1 to ${most} digits`)
    this.at = at
    return value
  }

  private passValue(depth: number): void {
    if (depth > MAX_DEPTH) this.fail(`nested deeper than ${MAX_DEPTH}`)
    switch (this.bytes[this.at]) {
      case QUOTE:
        this.passText()
        return
      case OPEN_LIST:
        this.passList(depth)
        return
      case OPEN_OBJECT:
        this.passObject(depth)
        return
      default:
        this.passPlain()
    }
  }

  private passList(depth: number): void {
    this.at++
    if (this.skip(CLOSE_LIST)) return
    do this.passValue(depth + 1)
    while (this.skip(COMMA))
    this.expect(CLOSE_LIST)
  }

  private passObject(depth: number): void {
    this.at++
    if (this.skip(CLOSE_OBJECT)) return
    do {
      this.passText()
      this.expect(COLON)
      this.passValue(depth + 1)
    } while (this.skip(COMMA))
    this.expect(CLOSE_OBJECT)
  }

  // Numbers, true, false and null: short and rare enough to be left to JSON.parse.
  private passPlain(): void {
    const start = this.at
    let at = start
    while (isPlain(this.bytes[at] ?? 0)) at++
    if (at === start || !isJson(this.text(start, at))) this.fail('no JSON value')
    this.at = at
  }

  private passText(): void {
    const start = this.at
    if (!this.passString()) this.unescape(start)
  }

  /** Moves past a string; answers whether it is free of escapes. */
  private passString(): boolean {
    const { bytes } = this
    let at = this.at
    let plain = true
    if (bytes[at] !== QUOTE) this.fail('no text')
    for (;;) {
      const code = bytes[++at] ?? 0
      if (code === QUOTE) break
      if (code === BACKSLASH) {
        plain = false
        at++
      } else if (code < 0x20) this.fail('text not closed') // a control character, or the end
    }
    this.at = at + 1
    return plain
  }

  private unescape(start: number): string {
    const literal = this.text(start, this.at)
    if (!isJson(literal)) this.fail('text with a bad escape')
    return JSON.parse(literal) as string // a JSON literal in quotes is a string
  }
}

function isPlain(code: number): boolean {
  const digitLike = (code >= ZERO && code <= NINE) || code === MINUS || code === DOT || code === PLUS
  return digitLike || (code >= 0x61 && code <= 0x7a) || code === 0x45
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
