// Which route a request finds.

import { expect } from 'chai'
import { empty } from '../../server/http/answer.ts'
import { defineRoute, type Method, type Route } from '../../server/http/route.ts'
import { Router } from '../../server/http/router.ts'

const route = (line: `${Method} /${string}`): Route => {
  const [method, path] = line.split(' ') as [Method, string] // the template type says so
  const traits = { tag: '', summary: line, auth: 'none', rate: 'none', responses: {}, errors: [] } as const
  return defineRoute({ ...traits, method, path, handle: () => empty })
}

const router = new Router([
  route('GET /'),
  route('GET /a'),
  route('POST /a'),
  route('GET /a/b'),
  route('GET /a/{id}'),
  route('GET /a/{id}/c'),
  route('GET /a/b/d'),
  route('DELETE /a/{id}/{other}'),
])

describe('router', () => {
  for (const [method, path, found, params] of [
    ['GET', '/', 'GET /', {}],
    ['HEAD', '/a', 'GET /a', {}],
    ['POST', '/a', 'POST /a', {}],
    ['GET', '/a/b', 'GET /a/b', {}],
    ['GET', '/a/x', 'GET /a/{id}', { id: 'x' }],
    ['GET', '/a/b/c', 'GET /a/{id}/c', { id: 'b' }],
    ['GET', '/a/b/d', 'GET /a/b/d', {}],
    ['DELETE', '/a/b/e', 'DELETE /a/{id}/{other}', { id: 'b', other: 'e' }],
    ['GET', '/a/x%2Fy%20z', 'GET /a/{id}', { id: 'x/y z' }],
    ['GET', '/a/__proto__', 'GET /a/{id}', { id: '__proto__' }],
  ] as const) {
    it(`finds ${found} at ${method} ${path}`, () => {
      const match = router.find(method, path)
      if (match.kind !== 'route') throw new Error(match.kind)
      expect(match.route.summary).to.equal(found)
      expect(match.params).to.deep.equal(params)
    })
  }

  for (const path of [
    '',
    '//',
    '/b',
    '/a/',
    '/A',
    '/a/x/y/z',
    '/a/%E0%A4%A',
    '/a//c',
    `/${'a/'.repeat(9999)}`,
    'a',
    '*',
  ]) {
    it(`finds nothing at ${path.slice(0, 30)}`, () => {
      expect(router.find('GET', path).kind).to.equal('nothing')
    })
  }

  it('names the methods a path has', () => {
    expect(router.find('PUT', '/a')).to.deep.equal({ kind: 'other_methods', allow: ['GET', 'POST'] })
    expect(router.find('__proto__', '/a').kind).to.equal('other_methods')
  })

  it('refuses two routes of one method and path', () => {
    expect(() => new Router([route('GET /a/{id}'), route('GET /a/{other}')])).to.throw(/two routes/)
  })
})
