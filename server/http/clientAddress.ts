// Whose request it is when nobody has signed in: the address, and the key under which its rate is counted. An IPv6
// client owns a /64 network at least, so its requests are counted by that.

import { isIPv4, isIPv6 } from 'node:net'
import type { HttpHead } from './request.ts'

/** Behind one trusted proxy the last entry of X-Forwarded-For is what the proxy saw; the others anybody can write. */
export function clientAddress(head: HttpHead, trustProxy: boolean): string {
  if (!trustProxy) return head.remoteAddress
  const forwarded = head.headers['x-forwarded-for']?.split(',').at(-1)?.trim() ?? ''
  return isIPv4(forwarded) || isIPv6(forwarded) ? forwarded : head.remoteAddress
}

export function addressKey(address: string): string {
  if (isIPv4(address)) return address
  if (!isIPv6(address)) return 'unknown'
  const groups = expand(address.replace(/%.*$/, ''))
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  if (mapped)
    return groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 0xff])
      .join('.')
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`
}

/** The eight groups of an IPv6 address in any of its spellings. */
function expand(address: string): readonly number[] {
  const [left = '', right] = dotless(address).split('::')
  const head = readGroups(left)
  if (right === undefined) return head
  const tail = readGroups(right)
  return [...head, ...new Array<number>(Math.max(0, 8 - head.length - tail.length)).fill(0), ...tail]
}

function readGroups(text: string): readonly number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
}

/** `::ffff:10.0.0.1` → `::ffff:a00:1` */
function dotless(address: string): string {
  const cut = address.lastIndexOf(':') + 1
  const last = address.slice(cut)
  if (!isIPv4(last)) return address
  const [a = 0, b = 0, c = 0, d = 0] = last.split('.').map(Number)
  return `${address.slice(0, cut)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
}
