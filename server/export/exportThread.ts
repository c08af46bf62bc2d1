// The thread of an export that is sent while it is made. It reads the journal beside the one who writes it, in its own
// time: commands have the machine first (A5).

import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '../dataSetError.ts'
import { openSource } from '../proof/source.ts'
import { yieldToOthers } from '../yieldingThread.ts'
import { LINES_FILE } from './exportFile.ts'
import { AHEAD, CHUNK_BYTES, type ExportInput, type FromExport } from './exportProtocol.ts'
import { exportPieces, inChunks, planExport } from './exportStream.ts'

const port = parentPort
if (port === null) throw new Error('this is a thread of a server')

const tell = (message: FromExport): void => port.postMessage(message)

/** How many chunks are wanted, and who waits for the next one to be. */
let wanted = AHEAD
let wake = (): void => {}
port.on('message', () => {
  wanted++
  wake()
})

async function room(): Promise<void> {
  if (wanted === 0) {
    await new Promise<void>((resolve) => {
      wake = resolve
    })
  }
  wanted--
}

async function send({ target, asOfMs, nowMs }: ExportInput): Promise<void> {
  const opened = await openSource(target)
  if (opened.kind === 'refused') return tell({ kind: 'failed', error: opened.why })
  const source = opened.value
  try {
    const planned = await planExport(source, { asOfMs, nowMs, name: LINES_FILE })
    if (planned.kind !== 'planned') return tell({ kind: 'refused', why: planned.kind })
    tell({ kind: 'planned' })
    for await (const bytes of inChunks(exportPieces(source, planned.plan), CHUNK_BYTES)) {
      await room()
      port?.postMessage({ kind: 'chunk', bytes } satisfies FromExport, [bytes.buffer])
    }
    tell({ kind: 'whole' })
  } finally {
    await source.close()
  }
}

yieldToOthers()
send(workerData as ExportInput) // what the desk has given to this thread
  .catch((error: unknown) => tell({ kind: 'failed', error: messageOf(error) }))
  .finally(() => port.close())
