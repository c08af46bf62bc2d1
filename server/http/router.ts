// Finds the route of a request: a tree of path segments, where a fixed segment wins over a parameter. Anything can be
// asked of it; what does not decode or fit is simply not there.

import type { Method, Route } from './route.ts'

export type Found =
  | { readonly kind: 'route'; readonly route: Route; readonly params: Readonly<Record<string, string>> }
  /** The path exists, for these methods. */
  | { readonly kind: 'other_methods'; readonly allow: readonly string[] }
  | { readonly kind: 'nothing' }

interface Branch {
  readonly fixed: Map<string, Branch>
  parameter: Branch | null
  readonly routes: Map<string, Route>
}

const SEGMENTS_LIMIT = 12

export class Router {
  readonly #root: Branch = newBranch()

  /** Throws where two routes share method and path. */
  constructor(routes: readonly Route[]) {
    for (const route of routes) this.#add(route)
  }

  find(method: string, path: string): Found {
    const segments = path.split('/').slice(1)
    if (segments.length > SEGMENTS_LIMIT) return { kind: 'nothing' }
    const values: string[] = []
    const branch = descend(this.#root, segments, 0, values)
    if (branch === null) return { kind: 'nothing' }
    const route = branch.routes.get(method === 'HEAD' ? 'GET' : method)
    if (route === undefined) return { kind: 'other_methods', allow: [...branch.routes.keys()] }
    const params = nameValues(route.path, values)
    return params === null ? { kind: 'nothing' } : { kind: 'route', route, params }
  }

  #add(route: Route): void {
    let branch = this.#root
    for (const segment of route.path.split('/').slice(1)) {
      branch = isParameter(segment) ? parameterOf(branch) : fixedOf(branch, segment)
    }
    if (branch.routes.has(route.method)) throw new Error(`two routes are ${route.method} ${route.path}`)
    branch.routes.set(route.method satisfies Method, route)
  }
}

/** The branch with routes that the segments lead to; `values` gets the parameters' segments on the way. */
function descend(branch: Branch, segments: readonly string[], depth: number, values: string[]): Branch | null {
  const segment = segments[depth]
  if (segment === undefined) return branch.routes.size > 0 ? branch : null
  const next = branch.fixed.get(segment)
  const straight = next === undefined ? null : descend(next, segments, depth + 1, values)
  if (straight !== null || branch.parameter === null || segment === '') return straight
  values.push(segment)
  const found = descend(branch.parameter, segments, depth + 1, values)
  if (found === null) values.pop()
  return found
}

/** Null where a segment does not decode. */
function nameValues(path: string, values: readonly string[]): Readonly<Record<string, string>> | null {
  if (values.length === 0) return {}
  const names = path.split('/').filter(isParameter)
  try {
    return Object.fromEntries(names.map((name, at) => [name.slice(1, -1), decodeURIComponent(values[at] ?? '')]))
  } catch {
    return null // a stray percent sign
  }
}

function isParameter(segment: string): boolean {
  return segment.startsWith('{')
}

function newBranch(): Branch {
  return { fixed: new Map(), parameter: null, routes: new Map() }
}

function fixedOf(branch: Branch, segment: string): Branch {
  const known = branch.fixed.get(segment)
  if (known !== undefined) return known
  const made = newBranch()
  branch.fixed.set(segment, made)
  return made
}

function parameterOf(branch: Branch): Branch {
  branch.parameter ??= newBranch()
  return branch.parameter
}
