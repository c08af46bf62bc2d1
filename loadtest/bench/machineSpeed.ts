// A fixed piece of work (strings, maps, JSON), timed before each part: on a shared machine the same core is at times half
// as fast as at others, and figures of two runs compare only with this beside them.

const ROUNDS = 12
const KEYS = 20_000
const SERIALISED = 5_000

/** Milliseconds. */
export function fixedWorkMs(): number {
  const beganMs = performance.now()
  let check = 0
  for (let round = 0; round < ROUNDS; round++) {
    const map = new Map<string, { readonly index: number; readonly key: string }>()
    for (let index = 0; index < KEYS; index++) {
      const key = `w_${((index * 2_654_435_761) >>> 0).toString(36)}`
      map.set(key, { index, key })
    }
    const text = JSON.stringify([...map.values()].slice(0, SERIALISED))
    check += (JSON.parse(text) as unknown[]).length
  }
  if (check !== ROUNDS * SERIALISED) throw new Error('the fixed work went wrong')
  return performance.now() - beganMs
}
