// Writes docs/rooms.md from the schemas that validate (shared/*Messages.ts). `--check` only says whether it is current.

import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { LOBBY_CLOSE, LOBBY_PUSHES, LOBBY_REPLIES, LOBBY_REQUESTS } from '../../shared/lobbyMessages.ts'
import {
  CLOSE,
  MATCH_PUSHES,
  MATCH_REPLIES,
  MATCH_REQUESTS,
  REPLAY_PUSHES,
  REPLAY_REPLIES,
  REPLAY_REQUESTS,
  WATCH_PUSHES,
} from '../../shared/matchMessages.ts'
import { QUEUE_PUSHES, QUEUE_REPLIES, QUEUE_REQUESTS } from '../../shared/queueMessages.ts'
import { WALLET_PUSHES, WALLET_REPLIES, WALLET_REQUESTS } from '../../shared/walletMessages.ts'

const FILE = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'docs', 'rooms.md')

interface JsonSchema {
  readonly type?: string
  readonly description?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly additionalProperties?: JsonSchema | boolean
  readonly enum?: readonly string[]
  readonly anyOf?: readonly JsonSchema[]
}

/** The whole document. */
export function roomsDocument(): string {
  return `${HEAD}
## wallet

Joined with the player's access token; the wallet is the token's own. One room per process holds all owners.

### Requests

${section(WALLET_REQUESTS, 'request')}
### Replies

A refusal is rejected with \`{code, message, retryable, details?}\`, a code of the error registry.

${section(WALLET_REPLIES, 'reply')}
### Pushes

Sent to the wallet's owner only, gathered over the push interval (\`PUSH_INTERVAL_MS\`), and only of durable records.

${section(WALLET_PUSHES, 'push')}
${queueSection()}
${lobbySection()}
${matchSections()}`
}

function queueSection(): string {
  return `## queue

Joined with the player's access token; one room per process holds everybody who waits.

### Requests

${section(QUEUE_REQUESTS, 'request')}
### Replies

${section(QUEUE_REPLIES, 'reply')}
### Pushes

${section(QUEUE_PUSHES, 'push')}`
}

function lobbySection(): string {
  const codes = Object.entries(LOBBY_CLOSE).map(([why, code]) => `${code} (${why})`)
  return `## lobby

Joined with the player's access token and \`{lobbyId, code?}\` by those who may see that lobby; one room per process holds
all of them, each connection looks at one lobby. Who sits in it may speak, and hears what is said. Lines are kept in memory
alone, the newest 50 while somebody listens. Close codes: ${codes.join(', ')}.

### Requests

${section(LOBBY_REQUESTS, 'request')}
### Replies

${section(LOBBY_REPLIES, 'reply')}
### Pushes

${section(LOBBY_PUSHES, 'push')}`
}

function matchSections(): string {
  const codes = Object.entries(CLOSE).map(([why, code]) => `${code} (${why})`)
  return `## match

One room for each match, on the server that plays it; its id is the match's. Joined by that id (\`joinById\`, or \`join\`
of \`match\` with \`{matchId}\`) and the player's access token: the seat is the token's own, and a second connection takes it
over. A seat whose connection drops is held for 60 s. Close codes: ${codes.join(', ')}.

### Messages and requests

${section(MATCH_REQUESTS, 'request')}
### Replies

${section(MATCH_REPLIES, 'reply')}
### Pushes

${section(MATCH_PUSHES, 'push')}
## watch

Joined by \`join\` of \`match\` with \`{matchId, spectate: true}\`: anybody who is signed in, while the match is live. What
is shown is what nobody has to hide, late by the match's delay (and never by less than a second and a half).

### Pushes

${section(WATCH_PUSHES, 'push')}
## replay

Joined by \`joinOrCreate\` of \`replay\` with \`{matchId}\`, once the match is over. Everybody there has a playback of their own.

### Requests

${section(REPLAY_REQUESTS, 'request')}
### Replies

${section(REPLAY_REPLIES, 'reply')}
### Pushes

${section(REPLAY_PUSHES, 'push')}`
}

const HEAD = `# Rooms

Generated from the schemas in \`shared/walletMessages.ts\` and \`shared/matchMessages.ts\` by \`node server/bin/roomsDoc.ts\`; a test keeps it current.
Rooms speak Colyseus 0.18: \`room.request(type, payload)\` for requests, \`room.onMessage(type, …)\` for pushes.
A session whose connection drops keeps its seat for 60 s (\`reconnect\`); one that floods is closed with code 4002.
`

function section(schemas: Readonly<Record<string, z.ZodType>>, what: string): string {
  return Object.entries(schemas)
    .map(([name, schema]) => {
      const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema // draft 2020-12 as zod writes it
      return `#### \`${name}\` ${what}\n\n${json.description ? `${json.description}\n\n` : ''}${fields(json)}\n`
    })
    .join('\n')
}

function fields(json: JsonSchema): string {
  const rows = Object.entries(json.properties ?? {})
  if (rows.length === 0) return 'No payload.\n'
  const lines = rows.map(([name, field]) => {
    const required = json.required?.includes(name) ? 'yes' : 'no'
    return `| \`${name}\` | ${typeText(field)} | ${required} | ${field.description ?? ''} |`
  })
  return `| field | type | required | meaning |\n|---|---|---|---|\n${lines.join('\n')}\n`
}

function typeText(json: JsonSchema): string {
  if (json.enum !== undefined) return json.enum.map((value) => `"${value}"`).join(' or ')
  if (json.anyOf !== undefined) return json.anyOf.map(typeText).join(' or ')
  if (json.type === 'array') return `list of ${json.items === undefined ? 'anything' : typeText(json.items)}`
  if (json.properties !== undefined) {
    return `{${Object.entries(json.properties)
      .map(([name, field]) => `${name}${json.required?.includes(name) ? '' : '?'}: ${typeText(field)}`)
      .join(', ')}}`
  }
  if (typeof json.additionalProperties === 'object') return `map of ${typeText(json.additionalProperties)}`
  return json.type ?? 'anything'
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const current = roomsDocument()
  if (!process.argv.includes('--check')) writeFileSync(FILE, current)
  else if (readFileSync(FILE, 'utf8') !== current) {
    console.error('docs/rooms.md is out of date: run node server/bin/roomsDoc.ts')
    process.exit(1)
  }
}
