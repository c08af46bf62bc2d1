// Reads what strace saw of a server, and finds out whether each answer left only after the record behind it had been
// written to the journal's log and that log had been synced (A4): SIGKILL alone could not show a missing sync.

export interface Syscall {
  readonly pid: number
  readonly name: string
  /** The path, or the socket, behind the first argument. */
  readonly target: string
  /** Arguments as strace prints them. */
  readonly text: string
  readonly result: number
  /** Lines of the trace on which it began and ended. */
  readonly began: number
  readonly ended: number
}

/** For `strace -f -yy`: one call a line, or two where another thread came between. */
export function parseTrace(trace: string): readonly Syscall[] {
  const calls: Syscall[] = []
  const open = new Map<number, { readonly text: string; readonly began: number }>()
  for (const [line, row] of trace.split('\n').entries()) {
    const match = /^(\d+)\s+(.*)$/.exec(row)
    if (match === null) continue
    const pid = Number(match[1])
    const rest = match[2] ?? ''
    const unfinished = rest.lastIndexOf('<unfinished ...>')
    if (unfinished !== -1 && rest.endsWith('<unfinished ...>')) {
      open.set(pid, { text: rest.slice(0, unfinished), began: line })
      continue
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest)
    const before = resumed === null ? null : open.get(pid)
    const text = before == null ? rest : before.text + (resumed?.[1] ?? '')
    open.delete(pid)
    const call = parseCall(text)
    if (call !== null) calls.push({ pid, ...call, began: before?.began ?? line, ended: line })
  }
  return calls
}

function parseCall(text: string): Pick<Syscall, 'name' | 'target' | 'text' | 'result'> | null {
  // The result is last: whatever a buffer holds cannot be taken for it.
  const match = /^(\w+)\((?:\d+<(.*?)>)?(.*)\)\s+= (-?\d+)[^"]*$/.exec(text)
  if (match === null) return null
  return { name: match[1] ?? '', target: match[2] ?? '', text: match[3] ?? '', result: Number(match[4]) }
}

export interface Acknowledged {
  readonly key: string
  readonly transactionId: string
  /** Whether its request can be read in the trace; frames of a WebSocket are masked. */
  readonly readable: boolean
}

const SYNCS: ReadonlySet<string> = new Set(['fsync', 'fdatasync'])
const RECEIVES: ReadonlySet<string> = new Set(['read', 'readv', 'recvfrom', 'recvmsg'])
const SENDS: ReadonlySet<string> = new Set(['write', 'writev', 'sendto', 'sendmsg'])
const WRITES: ReadonlySet<string> = new Set(['pwrite64', 'pwritev', 'write', 'writev'])

/**
 * Null where the trace shows: the command received, then its record written to `log`, then `log` synced, and only then
 * anything about the transaction sent on any socket. Otherwise what is missing.
 */
export function missingStep(
  calls: readonly Syscall[],
  log: string,
  { key, transactionId, readable }: Acknowledged,
): string | null {
  const toSocket = (call: Syscall) => /^(TCP|TCPv6|socket):/.test(call.target) && call.result > 0
  const answer = calls.find((call) => SENDS.has(call.name) && toSocket(call) && names(call.text, transactionId))
  if (answer === undefined) return `nothing was sent about ${transactionId}`
  const received = calls.findLast(
    (call) =>
      RECEIVES.has(call.name) &&
      toSocket(call) &&
      call.ended < answer.began &&
      (readable ? call.text.includes(key) : call.target === answer.target),
  )
  if (received === undefined) return `${key} was not received before the answer`
  const written = calls.find((call) => WRITES.has(call.name) && call.target.endsWith(log) && call.text.includes(key))
  if (written === undefined) return `${key} was never written to ${log}`
  if (written.began < received.ended) return `${key} was written before it was received`
  const synced = calls.find(
    (call) =>
      SYNCS.has(call.name) &&
      call.target.endsWith(log) &&
      call.result === 0 &&
      call.began > written.ended &&
      call.ended < answer.began,
  )
  return synced === undefined ? `${log} was not synced between the record of ${key} and its answer` : null
}

/** Whether a sent buffer names this transaction: as JSON, or as MessagePack, where the text's length leads. */
function names(text: string, transactionId: string): boolean {
  const lengthByte = `\\${(0xa0 + transactionId.length).toString(8)}`
  return (
    text.includes(`transaction_id\\":\\"${transactionId}\\"`) ||
    text.includes(`transaction_id${lengthByte}${transactionId}`)
  )
}
