// What is asked of the process itself: whether it lives, whether it can serve, its metrics, its document.

import { timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { MetricsAccess } from '../../config.ts'
import { digest } from '../../identity/refreshTokens.ts'
import { NAME, VERSION } from '../../version.ts'
import { type Answer, ok, refuse } from '../answer.ts'
import type { HttpHeaders } from '../request.ts'
import { defineRoute, type Route } from '../route.ts'

export interface Readiness {
  readonly ready: boolean
  /** What is checked, and how it stands: `{journal: 'ok', store: 'behind'}`. */
  readonly checks: Readonly<Record<string, string>>
}

interface ServiceParts {
  readonly ready: () => Readiness
  readonly metrics: { readonly contentType: string; render(): Promise<string> }
  readonly metricsAccess: MetricsAccess
  /** The OpenAPI document, as JSON text. */
  readonly document: () => string
  /** What a browser is shown first. */
  readonly page: (headers: HttpHeaders) => Promise<Answer>
}

const livenessSchema = z.object({ status: z.literal('ok') })
const readinessSchema = z.object({ status: z.enum(['ready', 'not_ready']), checks: z.record(z.string(), z.string()) })
const rootSchema = z.object({ name: z.string(), version: z.string(), links: z.record(z.string(), z.string()) })

const LINKS = {
  document: '/openapi.json',
  guest: '/auth/guest',
  balance: '/wallet/balance',
  live: '/health/live',
  ready: '/health/ready',
  metrics: '/metrics',
}

export function serviceRoutes(parts: ServiceParts): readonly Route[] {
  const open = { method: 'GET', tag: 'service', auth: 'none', rate: 'none' } as const
  return [
    defineRoute({
      ...open,
      path: '/',
      summary: 'Name, version and where to go on; to a browser, the page to play in',
      responses: { 200: rootSchema },
      errors: [],
      handle({ headers }) {
        if (/\btext\/html\b/i.test(headers.accept ?? '')) return parts.page(headers)
        return ok({ name: NAME, version: VERSION, links: LINKS })
      },
    }),
    defineRoute({
      ...open,
      path: '/health/live',
      summary: 'Whether the process runs',
      responses: { 200: livenessSchema },
      errors: [],
      handle: () => ok({ status: 'ok' }),
    }),
    defineRoute({
      ...open,
      path: '/health/ready',
      summary: 'Whether the process serves commands',
      responses: { 200: readinessSchema, 503: readinessSchema },
      errors: [],
      handle: () => answerReadiness(parts.ready()),
    }),
    defineRoute({
      ...open,
      path: '/metrics',
      summary:
        'Figures for Prometheus; asks for its own bearer token where one is configured; in production it is not there without one',
      responses: { 200: parts.metrics.contentType },
      errors: ['unauthenticated', 'not_found'],
      async handle({ headers }): Promise<Answer> {
        const { metricsAccess } = parts
        if (metricsAccess.kind === 'closed') return refuse('not_found')
        if (metricsAccess.kind === 'token' && !isBearer(headers.authorization, metricsAccess.token))
          return refuse('unauthenticated')
        return { kind: 'text', status: 200, contentType: parts.metrics.contentType, body: await parts.metrics.render() }
      },
    }),
    defineRoute({
      ...open,
      path: '/openapi.json',
      summary: 'This document',
      responses: { 200: 'application/json' },
      errors: [],
      handle: () => ({ kind: 'text', status: 200, contentType: 'application/json', body: parts.document() }),
    }),
  ]
}

function answerReadiness({ ready, checks }: Readiness): Answer {
  const body: z.input<typeof readinessSchema> = { status: ready ? 'ready' : 'not_ready', checks: { ...checks } }
  return { kind: 'json', status: ready ? 200 : 503, body }
}

/** Hashed first, so that the comparison takes as long whatever was sent. */
function isBearer(authorization: string | undefined, token: string): boolean {
  return timingSafeEqual(digest(authorization ?? ''), digest(`Bearer ${token}`))
}
