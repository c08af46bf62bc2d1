// What a live match tells its actor, each until it is durable, or nothing can come of it any more. The actor may refuse: then
// either the match is over, which is heard of otherwise, or it cannot end as it should, and is called off with everything
// paid back. Nobody's money waits until the match's time is over.

import type { MatchCommand } from '../../actors/match/commands.ts'
import type { Scheduler } from '../../actors/runtime/ports.ts'
import type { ErrorCode } from '../../shared/errors.ts'
import type { UserId } from '../../shared/ids.ts'
import type { Asked, MatchAsks } from './matchAsks.ts'
import { askUntilDurable } from './matchEnd.ts'

export interface WordParts {
  readonly match: string
  readonly epoch: number
  readonly asks: Pick<MatchAsks, 'ask'>
  readonly scheduler: Scheduler
  /** C1: another's loop has the say otherwise. */
  mayRun(): boolean
  /** Whether this process still has anything to say about it. */
  isWanted(): boolean
  alarm(event: string, detail: Readonly<Record<string, unknown>>): void
}

type Finish = Extract<MatchCommand, { kind: 'finish' }>

export class MatchWord {
  private readonly parts: WordParts

  constructor(parts: WordParts) {
    this.parts = parts
  }

  arrive(user: UserId): Promise<unknown> {
    return this.say({ kind: 'arrive', user }, '')
  }

  leave(user: UserId): Promise<unknown> {
    return this.say({ kind: 'leave', user }, '')
  }

  /** Whether the loop may go on from there. */
  async resume(tick: number): Promise<boolean> {
    const { epoch } = this.parts
    const asked = await this.say({ kind: 'resume', epoch, tick }, `resume:${epoch}`)
    if (asked?.kind === 'refused') {
      this.refused('resume', asked.code)
      // Nobody could take it up any more.
      if (asked.code === 'match.too_many_resumes') await this.abort('resumed too often')
      else if (!isOthers(asked.code)) await this.abort('it could not be resumed')
    }
    return asked?.kind === 'done'
  }

  /** A result that its actor will not have (a game's bug, or more flags than a record holds) ends nothing: it is called off. */
  async finish(finish: Finish): Promise<void> {
    const asked = await this.say(finish, 'finish')
    if (asked?.kind !== 'refused') return
    this.refused('finish', asked.code)
    if (!isOthers(asked.code)) await this.abort('its result was refused')
  }

  async abort(reason: string): Promise<void> {
    const asked = await this.say({ kind: 'abort', reason }, 'abort')
    if (asked?.kind === 'refused') this.refused('abort', asked.code)
  }

  private refused(what: 'resume' | 'finish' | 'abort', code: ErrorCode): void {
    this.parts.alarm(`match.${what}_refused`, { match: this.parts.match, code })
  }

  private say(command: MatchCommand, key: string): Promise<Asked | null> {
    const { match, asks, scheduler, mayRun, isWanted } = this.parts
    const ask = async (): Promise<Asked> =>
      mayRun() ? asks.ask(match, command, key) : { kind: 'refused', code: 'unavailable' }
    return askUntilDurable(ask, scheduler, isWanted)
  }
}

/** It is over by another word, or another owner's to play: nothing is left to be done here. */
function isOthers(code: ErrorCode): boolean {
  return code === 'match.not_live' || code === 'match.over' || code === 'match.unknown' || code === 'match.epoch_old'
}
