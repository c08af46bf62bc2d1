// One append on the wire: a publish that the stream takes only where the subject's last message is the one named (J2),
// and what the stream's leader said to it. No message ids: the server forgets them after two minutes.

import { type Msg, headers as newHeaders } from '@nats-io/transport-node'
import { isNobody, type ReplyInbox } from './replyInbox.ts'

export type PublishAnswer =
  | { readonly kind: 'stored'; readonly sequence: number }
  /** The subject's last message is another one, or one that is not written yet. */
  | { readonly kind: 'fence' }
  /** Sent, and nothing was heard: it may have landed, and may land later. */
  | { readonly kind: 'unanswered' }
  /** Not taken now: no leader, no space, no server. */
  | { readonly kind: 'refused'; readonly why: string }

export interface Publish {
  readonly subject: string
  readonly stream: string
  readonly expected: number
  readonly bytes: Uint8Array
  readonly withinMs: number
}

const EXPECTED_HEADER = 'Nats-Expected-Last-Subject-Sequence'

// "Wrong last sequence": with the one it is, and without it where a message of that subject is just being written.
const WRONG_SEQUENCE = 10_071
const WRONG_SEQUENCE_NOW = 10_164

interface Acknowledgement {
  readonly stream?: string
  readonly seq?: number
  readonly error?: { readonly err_code?: number; readonly description?: string }
}

/** Never rejects. */
export function publishBatch(inbox: ReplyInbox, publish: Publish): Promise<PublishAnswer> {
  const { subject, bytes, expected, withinMs, stream } = publish
  const headers = newHeaders()
  headers.set(EXPECTED_HEADER, String(expected))
  return new Promise((resolve) => {
    inbox.ask({ subject, payload: bytes, headers, withinMs }, (reply) => {
      resolve(typeof reply === 'string' ? { kind: 'unanswered' } : readAnswer(reply, stream))
      return 'done'
    })
  })
}

function readAnswer(message: Msg, stream: string): PublishAnswer {
  if (isNobody(message)) return { kind: 'refused', why: 'the stream has no leader' }
  const acknowledgement = parse(message)
  if (acknowledgement === null) return { kind: 'unanswered' }
  const { error, seq } = acknowledgement
  if (error !== undefined) {
    if (error.err_code === WRONG_SEQUENCE || error.err_code === WRONG_SEQUENCE_NOW) return { kind: 'fence' }
    return { kind: 'refused', why: `${error.description ?? 'refused'} (${error.err_code ?? 'no code'})` }
  }
  // Another stream's word is worth nothing here; what is in ours will be looked up.
  if (acknowledgement.stream !== stream || typeof seq !== 'number' || !(seq > 0)) return { kind: 'unanswered' }
  return { kind: 'stored', sequence: seq }
}

function parse(message: Msg): Acknowledgement | null {
  try {
    return message.json<Acknowledgement>()
  } catch {
    return null
  }
}
