// Waiting for a condition with a deadline: the only way a test waits for another process or for the loop.

const POLL_MS = 10

/** Answers what `probe` answers first that is neither null nor false. Rejects after `limitMs`, naming what was awaited. */
export async function until<T>(
  awaited: string,
  probe: () => T | null | false | Promise<T | null | false>,
  limitMs = 30_000,
): Promise<T> {
  const deadline = performance.now() + limitMs
  for (;;) {
    const found = await probe()
    if (found !== null && found !== false) return found
    if (performance.now() >= deadline) throw new Error(`not within ${limitMs} ms: ${awaited}`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}
