// A server that speaks just enough of MongoDB's protocol to be refused: it says which version it is, and turns every
// login down. What cannot be had for tests as a program: an old MongoDB, and one with users.

import { createServer, type Socket } from 'node:net'
import { BSON } from 'mongodb'

const OP_REPLY = 1
const OP_QUERY = 2004
const OP_MSG = 2013
const HEADER_BYTES = 16

export interface FakeMongo {
  readonly port: number
  close(): Promise<void>
}

export async function startFakeMongo(version: string): Promise<FakeMongo> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    let waiting = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      waiting = Buffer.concat([waiting, chunk])
      for (;;) {
        if (waiting.length < HEADER_BYTES || waiting.length < waiting.readInt32LE(0)) return
        const message = waiting.subarray(0, waiting.readInt32LE(0))
        waiting = waiting.subarray(message.length)
        socket.write(answerTo(message, version))
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the fake server has no port')
  return {
    port: address.port,
    close() {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

function answerTo(message: Buffer, version: string): Buffer {
  const requestId = message.readInt32LE(4)
  if (message.readInt32LE(12) === OP_QUERY) {
    const fixed = Buffer.alloc(20)
    fixed.writeInt32LE(1, 16) // one document
    return framed(OP_REPLY, requestId, Buffer.concat([fixed, BSON.serialize(greeting())]))
  }
  // Flags, and one section of the kind 0.
  const command = BSON.deserialize(message.subarray(HEADER_BYTES + 5))
  return framed(OP_MSG, requestId, Buffer.concat([Buffer.alloc(5), BSON.serialize(answer(command, version))]))
}

function answer(command: Readonly<Record<string, unknown>>, version: string): Readonly<Record<string, unknown>> {
  const [name] = Object.keys(command)
  if (name === 'hello' || name === 'ismaster' || name === 'isMaster') return greeting()
  if (name === 'buildInfo') return { ok: 1, version }
  if (name === 'saslStart')
    return { ok: 0, code: 18, codeName: 'AuthenticationFailed', errmsg: 'Authentication failed.' }
  return { ok: 1 }
}

function greeting(): Readonly<Record<string, unknown>> {
  return {
    ok: 1,
    helloOk: true,
    isWritablePrimary: true,
    ismaster: true,
    maxBsonObjectSize: 16 * 1024 * 1024,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    minWireVersion: 0,
    maxWireVersion: 21,
    readOnly: false,
  }
}

function framed(opcode: number, responseTo: number, body: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeInt32LE(HEADER_BYTES + body.length, 0)
  header.writeInt32LE(responseTo, 8)
  header.writeInt32LE(opcode, 12)
  return Buffer.concat([header, body])
}
