// What this process tells of durable records: wallets to their owners, and records of any kind to rooms, desks and hosts.

import type { Observer } from '../actors/runtime/ports.ts'
import { ActorFeed } from '../rooms/actorFeed.ts'
import { Feeds, type ListenerFailed } from '../rooms/feeds.ts'
import { WalletFeed } from '../rooms/walletFeed.ts'

export interface OpenFeeds {
  readonly wallets: WalletFeed
  readonly actors: ActorFeed
  /** Both, as the runtime and the relay tell them. */
  readonly all: Feeds
  readonly listenerThrew: ListenerFailed
  close(): void
}

export function openFeeds(pushIntervalMs: number, observer: Pick<Observer, 'alarm'>): OpenFeeds {
  const listenerThrew: ListenerFailed = (actor, error) =>
    observer.alarm('feed.listener_threw', { actor, error: String(error) })
  const wallets = new WalletFeed(pushIntervalMs)
  const actors = new ActorFeed(listenerThrew)
  return {
    wallets,
    actors,
    all: new Feeds([wallets, actors], listenerThrew),
    listenerThrew,
    close() {
      wallets.close()
      actors.close()
    },
  }
}
