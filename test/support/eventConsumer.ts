// A service of its own that follows matches and prize pools: the example of docs/events.md, word for word.

import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'

export interface MatchNews {
  readonly v: number
  readonly id: string
  readonly type: string
  readonly match_id: string
  readonly position: number
  readonly index: number
}

/** Hands over each event once, in order for each match. `name`: the same after a restart goes on where it was. */
export async function followMatches(url: string, dataSet: string, name: string, take: (news: MatchNews) => void) {
  const stream = `LEET_${dataSet.toUpperCase()}_EVENTS`
  const connection = await connect({ servers: url })
  const manager = await jetstreamManager(connection)
  await manager.consumers.add(stream, {
    durable_name: name,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    // One at a time: what is delivered again comes before what follows it.
    max_ack_pending: 1,
  })
  const consumer = await jetstream(connection).consumers.get(stream, name)
  const messages = await consumer.consume()
  /** The newest of each match; a service keeps it in its own database, with what it makes of the event. */
  const newest = new Map<string, readonly [position: number, index: number]>()
  const done = (async () => {
    for await (const message of messages) {
      const news = message.json<MatchNews>()
      const [position, index] = newest.get(news.match_id) ?? [0, -1]
      const isNew = news.position > position || (news.position === position && news.index > index)
      // Other versions are for later releases of this service.
      if (isNew && news.v === 1) {
        take(news)
        newest.set(news.match_id, [news.position, news.index])
      }
      message.ack()
    }
  })()
  return async () => {
    await messages.close()
    await done
    await connection.drain()
  }
}
