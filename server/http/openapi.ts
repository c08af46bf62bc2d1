// The OpenAPI 3.1 document, from the same schemas that validate requests. Schemas with an `id` become components; routes
// that only answer `not_available` are marked `x-availability: planned`.

import { z } from 'zod'
import { errorSpec } from '../../shared/errors.ts'
import { NAME, VERSION } from '../version.ts'
import type { ResponseForm, Route } from './route.ts'
import { errorSchema } from './schemas.ts'

type JsonObject = Readonly<Record<string, unknown>>
type Components = Record<string, unknown>

const ERROR = Object.freeze({ $ref: '#/components/schemas/Error' })

const KEY_HEADER = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'the same key and body repeat the outcome; `idempotency_key` in the body does as well',
  schema: { type: 'string', minLength: 1, maxLength: 128 },
}

export function openApiDocument(routes: readonly Route[]): JsonObject {
  const components: Components = {}
  components.Error = plain(errorSchema, 'output', components)
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes) {
    paths[route.path] ??= {}
    const path = paths[route.path]
    if (path !== undefined) path[route.method.toLowerCase()] = operation(route, components)
  }
  return {
    openapi: '3.1.0',
    info: { title: NAME, version: VERSION },
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    paths,
    components: {
      schemas: components,
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        resourceOwner: { type: 'apiKey', in: 'header', name: 'X-Resource-Owner-ID' },
      },
    },
  }
}

function operation(route: Route, components: Components): JsonObject {
  const parameters = parametersOf(route, components)
  return {
    tags: [route.tag],
    summary: route.summary,
    operationId: operationId(route),
    ...(route.available ? {} : { 'x-availability': 'planned' }),
    security: securityOf(route),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body === null
      ? {}
      : { requestBody: { content: { 'application/json': { schema: plain(route.body, 'input', components) } } } }),
    responses: { ...successes(route, components), ...failures(route) },
  }
}

function securityOf(route: Route): readonly JsonObject[] {
  if (route.auth === 'none') return []
  const either = [{ bearer: [] }, { resourceOwner: [] }]
  return route.auth === 'optional' ? [{}, ...either] : either
}

function parametersOf(route: Route, components: Components): readonly JsonObject[] {
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  const query = route.query === null ? {} : objectProperties(plain(route.query, 'input', components))
  const inQuery = Object.entries(query).map(([name, schema]) => ({ name, in: 'query', schema }))
  return [...inPath, ...inQuery, ...(route.idempotent ? [KEY_HEADER] : [])]
}

function successes(route: Route, components: Components): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(route.responses).map(([status, form]) => [status, response(Number(status), form, components)]),
  )
}

function response(status: number, form: ResponseForm, components: Components): JsonObject {
  const description = status < 300 ? 'Success' : 'Not now'
  if (form === null) return { description }
  if (typeof form === 'string') return { description, content: { [form]: {} } }
  return { description, content: { 'application/json': { schema: plain(form, 'output', components) } } }
}

/** Refusals, gathered by status, with the codes each may carry. */
function failures(route: Route): Record<string, unknown> {
  const byStatus = new Map<number, string[]>()
  const needed = route.auth === 'none' ? [] : (['unauthenticated', 'token_expired', 'forbidden'] as const)
  const staff = route.auth === 'staff' ? (['staff.mfa_required'] as const) : []
  const body = route.body === null ? [] : (['malformed_body', 'payload_too_large', 'unsupported_media_type'] as const)
  for (const code of new Set([...route.errors, ...needed, ...staff, ...body])) {
    const { status } = errorSpec(code)
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      String(status),
      {
        description: codes.map((code) => `\`${code}\``).join(', '),
        content: { 'application/json': { schema: ERROR } },
      },
    ]),
  )
}

/** `GET /wallet/transactions/{id}` → `get_wallet_transactions_id` */
function operationId(route: Route): string {
  const words = route.path.split('/').flatMap((segment) => segment.replace(/[{}]/g, '').split(/[^A-Za-z0-9]+/))
  return [route.method.toLowerCase(), ...words.filter((word) => word !== '')].join('_')
}

/** A schema as the document holds it; the named ones inside it become components. */
function plain(schema: z.ZodType, io: 'input' | 'output', components: Components): JsonObject {
  const json = z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' })
  const text = JSON.stringify(json).replaceAll('#/$defs/', '#/components/schemas/')
  const { $schema, $defs, id, ...rest } = JSON.parse(text) as Record<string, unknown> // written a line above
  for (const [name, { id: _, ...named }] of Object.entries(($defs ?? {}) as Record<string, JsonObject>)) {
    components[name] ??= named
  }
  return rest
}

function objectProperties(schema: JsonObject): JsonObject {
  const properties = schema.properties
  return typeof properties === 'object' && properties !== null ? (properties as JsonObject) : {} // JSON Schema's own form
}
