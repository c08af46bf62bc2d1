// What players wrote in disputes (S2): the ledger has each text's SHA-256, Blobs have the text, under its match, with a list
// by author beside it, by which all that a person wrote is erased. A text is kept once the match has its name: so a dispute
// has as many as its match allows, and whoever repeats a call that came to no end gives the text again.

import { createHash } from 'node:crypto'
import type { DisputeView } from '../../actors/match/views.ts'
import type { Blobs } from '../../rooms/blobs.ts'
import type { UserId } from '../../shared/ids.ts'

/** Of one text, in characters; and of one call. */
export const EVIDENCE_CHARACTERS = 2_000
export const EVIDENCE_TEXTS = 10

export interface EvidenceText {
  /** `sha256:` and the digest of the text, as the ledger has it. */
  readonly name: string
  /** Who wrote it; both null where nobody can say what it was: erased, or from before texts were kept. */
  readonly author: UserId | null
  readonly text: string | null
}

const NAME = /^sha256:([0-9a-f]{64})$/
const NOTHING = Buffer.alloc(0)

/** S2: what somebody wrote is personal, so the ledger has its SHA-256 alone. */
export function evidenceNames(texts: readonly string[]): readonly string[] {
  return texts.map((text) => `sha256:${createHash('sha256').update(text, 'utf8').digest('hex')}`)
}

export class EvidenceTexts {
  private readonly blobs: Blobs
  private readonly failed: (error: unknown) => void

  constructor(blobs: Blobs, failed: (error: unknown) => void) {
    this.blobs = blobs
    this.failed = failed
  }

  /** Those of the texts that the dispute has the names of. Whether they are kept: where not, the call is to be repeated. */
  async keep(match: string, author: UserId, texts: readonly string[], dispute: DisputeView): Promise<boolean> {
    const names = evidenceNames(texts)
    try {
      for (const [index, text] of texts.entries()) {
        const digest = digestOf(names[index] ?? '')
        if (digest === null || !dispute.evidence.includes(names[index] ?? '')) continue
        // Listed first: whatever is there can be found by its author.
        await this.blobs.put(listed(author, match, digest), NOTHING)
        await this.blobs.put(placed(match, author, digest), Buffer.from(text, 'utf8'))
      }
      return true
    } catch (error) {
      this.failed(error)
      return false
    }
  }

  /** In the order of the dispute; null where they cannot be read now. */
  async read(match: string, dispute: DisputeView): Promise<readonly EvidenceText[] | null> {
    try {
      const names = await this.blobs.list(`evidence/${match}/`)
      return await Promise.all(dispute.evidence.map((name) => this.one(name, names)))
    } catch (error) {
      this.failed(error)
      return null
    }
  }

  /** Everything that they wrote. Rejects where Blobs are away: what is left is erased by the next call. */
  async erase(author: UserId): Promise<void> {
    const prefix = `evidence_of/${author}/`
    for (const name of await this.blobs.list(prefix)) {
      const [match = '', digest = ''] = name.slice(prefix.length).split('/')
      await this.blobs.remove(placed(match, author, digest))
      await this.blobs.remove(name)
    }
  }

  /** By whoever wrote it; two who wrote the same wrote it both. */
  private async one(name: string, names: readonly string[]): Promise<EvidenceText> {
    const digest = digestOf(name)
    const place = names.find((each) => digest !== null && each.endsWith(`/${digest}`))
    const bytes = place === undefined ? null : await this.blobs.get(place)
    if (place === undefined || bytes === null) return { name, author: null, text: null }
    const author = (place.split('/')[2] ?? '') as UserId // as `placed` wrote it
    return { name, author, text: Buffer.from(bytes).toString('utf8') }
  }
}

function digestOf(name: string): string | null {
  return NAME.exec(name)?.[1] ?? null
}

function placed(match: string, author: UserId, digest: string): string {
  return `evidence/${match}/${author}/${digest}`
}

function listed(author: UserId, match: string, digest: string): string {
  return `evidence_of/${author}/${match}/${digest}`
}
