// Subscriptions whose handler may be handed anything: what cannot be read, from another release or a hand that tries
// things, is told as an alarm and dropped. Nobody waits for it for ever: asks have their deadlines, envelopes their probes.

import type { Msg, NatsConnection, Subscription } from '@nats-io/nats-core'
import { messageOf } from '../dataSetError.ts'
import type { Alarm } from './natsLink.ts'

export type Listen = (subject: string, handle: (message: Msg) => void) => Subscription

export function listenOn(connection: NatsConnection, alarm: Alarm): Listen {
  return (subject, handle) =>
    connection.subscribe(subject, {
      callback(error, message) {
        if (error !== null) return alarm('wire.subscription_failed', { subject, error: error.message })
        try {
          handle(message)
        } catch (failure) {
          alarm('wire.bad_message', { subject: message.subject, error: messageOf(failure) })
        }
      },
    })
}
