// Routes of CONTRACT.md whose parts are not built yet: they answer 501 `not_available` and stand in the document, marked
// so. One line each; a part that lands takes its lines out of here.

import { refuse } from '../answer.ts'
import type { Method, Route } from '../route.ts'

const RESERVED: Readonly<Record<string, readonly string[]>> = {
  auth: ['POST /onboarding/google', 'POST /onboarding/steam'],
  payments: [
    'POST /payments',
    'GET /payments',
    'GET /payments/{id}',
    'POST /payments/{id}/confirm',
    'POST /payments/{id}/cancel',
    'POST /payments/{id}/refund',
    'POST /webhooks/stripe',
  ],
  tournaments: [
    'POST /tournaments',
    'GET /tournaments',
    'GET /tournaments/upcoming',
    'GET /tournaments/{id}',
    'PUT /tournaments/{id}',
    'DELETE /tournaments/{id}',
    'POST /tournaments/{id}/register',
    'DELETE /tournaments/{id}/register',
    'POST /tournaments/{id}/registration/open',
    'POST /tournaments/{id}/registration/close',
    'POST /tournaments/{id}/start',
    'POST /tournaments/{id}/check-in',
    'POST /tournaments/{id}/matches/{match}/result',
    'POST /tournaments/{id}/advance-bracket',
    'POST /tournaments/{id}/complete',
    'POST /tournaments/{id}/cancel',
    'GET /players/{id}/tournaments',
    'GET /organizers/{id}/tournaments',
  ],
  replays: ['POST /games/{game}/replays'],
  admin: ['GET /admin/tournaments', 'GET /admin/risk'],
}

export function reservedRoutes(): readonly Route[] {
  return Object.entries(RESERVED).flatMap(([tag, lines]) => lines.map((line) => reservedRoute(tag, line)))
}

function reservedRoute(tag: string, line: string): Route {
  const space = line.indexOf(' ')
  return {
    method: line.slice(0, space) as Method, // the table above holds methods only
    path: line.slice(space + 1),
    tag,
    summary: 'Not available yet',
    auth: 'none',
    staff: [],
    rate: 'general',
    idempotent: false,
    available: false,
    params: null,
    query: null,
    body: null,
    responses: {},
    errors: ['not_available'],
    run: () => refuse('not_available'),
  }
}
