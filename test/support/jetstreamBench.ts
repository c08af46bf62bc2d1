// JetStream journals for tests: a connection and a journal of a data set of its own, opened and closed together.

import { expect } from 'chai'
import { DataSetError } from '../../server/dataSetError.ts'
import { type JetStreamJournal, openJetStreamJournal } from '../../server/nats/jetstreamJournal.ts'
import type { JetStreamSetup } from '../../server/nats/jetstreamSetup.ts'
import { connectNats } from '../../server/nats/natsConnection.ts'
import type { NatsLink } from '../../server/nats/natsLink.ts'

export interface OpenJournal {
  readonly link: NatsLink
  readonly journal: JetStreamJournal
  readonly alarms: readonly string[]
  close(): Promise<void>
}

export interface Wanted extends Partial<JetStreamSetup> {
  readonly urls: readonly string[]
  readonly appendWithinMs?: number
  readonly readWithinMs?: number
}

let made = 0

/** A name that no other test uses. */
export function newDataSet(): string {
  return `set${process.pid}_${++made}`
}

export async function openJournal(wanted: Wanted): Promise<OpenJournal> {
  const alarms: string[] = []
  const onAlarm = (event: string): unknown => alarms.push(event)
  const link = await connectNats({ urls: wanted.urls, name: 'test', onAlarm })
  try {
    const journal = await openJetStreamJournal(link, {
      dataSet: 'leet',
      partitions: 16,
      streams: 2,
      replicas: 1,
      allowLazyFsync: wanted.monitorUrls === undefined,
      monitorUrls: [],
      appendWithinMs: 500,
      onAlarm,
      ...wanted,
    })
    const close = async (): Promise<void> => {
      await journal.close()
      await link.close()
    }
    return { link, journal, alarms, close }
  } catch (error) {
    await link.close()
    throw error
  }
}

/** The one line that opening is refused with. */
export async function refusal(wanted: Wanted): Promise<string> {
  const began = performance.now()
  const answer = await openJournal(wanted).then(
    (opened) => opened.close().then(() => 'it was opened'),
    (error: unknown) => error,
  )
  if (!(answer instanceof DataSetError)) throw answer
  expect(performance.now() - began, 'time to refuse').to.be.below(6_000)
  expect(answer.message.split('\n'), 'one line').to.have.length(1)
  expect(answer.message, 'no password').to.not.match(/secret|wrong/)
  return answer.message
}
