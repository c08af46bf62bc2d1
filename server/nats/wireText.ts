// Values between processes as JSON; what JSON has no form for, amounts as bigint, is written {"$n": "123"}. Nothing a
// client sends reaches this unparsed, so that no object of its own making can be taken for one.

export function encodeWire(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? { $n: part.toString() } : part))
}

/** Throws SyntaxError. The caller names the type: both ends are this program. */
export function decodeWire<T>(text: string): T {
  // Most messages have no amount in them, and a reviver costs more than the parsing.
  return text.includes('{"$n":') ? JSON.parse(text, revive) : JSON.parse(text)
}

function revive(_key: string, part: unknown): unknown {
  return typeof part === 'object' && part !== null && '$n' in part ? BigInt(String(part.$n)) : part
}
