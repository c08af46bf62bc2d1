// The page to play in, and its files: from memory, asked for again each time and sent only where they have changed (ETag).
// The page may load what this server gives, talk to it, and nothing else; text of players cannot become markup in it.

import { z } from 'zod'
import type { Log } from '../../log.ts'
import type { PageFile, PageFiles } from '../../pages/pageFiles.ts'
import { type Answer, refuse } from '../answer.ts'
import type { HttpHeaders } from '../request.ts'
import { defineRoute, type Route } from '../route.ts'

export interface WebParts {
  readonly files: PageFiles
  /** Matches are played where their actors live (C3): the page has to reach rooms of other servers too. */
  readonly hasOtherServers: boolean
  readonly log: Pick<Log, 'error'>
}

const PAGE = 'index.html'

export class WebRoutes {
  readonly routes: readonly Route[]
  private readonly parts: WebParts
  private readonly policy: string

  constructor(parts: WebParts) {
    this.parts = parts
    this.policy = policyOf(parts.hasOtherServers)
    this.routes = [
      defineRoute({
        method: 'GET',
        path: '/web/{file}',
        tag: 'service',
        summary: 'Files of the page to play in',
        auth: 'none',
        rate: 'none',
        params: z.object({ file: z.string() }),
        responses: { 200: 'application/octet-stream', 304: null },
        errors: ['not_found', 'unavailable'],
        handle: ({ params, headers }) =>
          params.file === PAGE ? refuse('not_found') : this.answer(params.file, headers),
      }),
    ]
  }

  page(headers: HttpHeaders): Promise<Answer> {
    return this.answer(PAGE, headers)
  }

  private async answer(name: string, headers: HttpHeaders): Promise<Answer> {
    const found = await this.find(name)
    if (found === 'failed') return refuse('unavailable')
    if (found === null) return refuse('not_found')
    const { contentType, body, etag } = found
    const common = [
      ['cache-control', 'no-cache'],
      ['etag', etag],
      ['vary', 'accept'],
      ['content-security-policy', this.policy],
    ] as const
    if (matches(headers['if-none-match'], etag)) return { kind: 'file', status: 304, headers: common, body: '' }
    return { kind: 'file', status: 200, headers: [...common, ['content-type', contentType]], body }
  }

  private async find(name: string): Promise<PageFile | null | 'failed'> {
    try {
      return await this.parts.files.file(name)
    } catch (error) {
      this.parts.log.error({ err: error, file: name }, 'the page could not be put together')
      return 'failed'
    }
  }
}

function matches(asked: string | undefined, etag: string): boolean {
  if (asked === undefined) return false
  return asked.split(',').some((each) => each.trim().replace(/^W\//, '') === etag || each.trim() === '*')
}

function policyOf(hasOtherServers: boolean): string {
  return [
    ...["default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'"],
    `connect-src 'self'${hasOtherServers ? ' ws: wss:' : ''}`,
    ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
    ...["require-trusted-types-for 'script'", "trusted-types 'none'"],
  ].join('; ')
}
