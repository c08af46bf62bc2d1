// Under which key a client's requests are counted: no spelling of one address gives it a second allowance.

import { expect } from 'chai'
import { addressKey, clientAddress } from '../../server/http/clientAddress.ts'

const head = (remoteAddress: string, forwarded?: string) => ({
  method: 'GET',
  path: '/',
  query: '',
  requestId: 'r',
  remoteAddress,
  headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
})

describe('client address', () => {
  for (const [address, key] of [
    ['10.1.2.3', '10.1.2.3'],
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['::ffff:a01:203', '10.1.2.3'],
    ['0000:0000:0000:0000:0000:ffff:0a01:0203', '10.1.2.3'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2:ffff::1', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002:0000:0000:0000:0001', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['', 'unknown'],
    ['somebody', 'unknown'],
  ] as const) {
    it(`${JSON.stringify(address)} counts as ${key}`, () => {
      expect(addressKey(address)).to.equal(key)
    })
  }

  for (const [forwarded, trusted, seen] of [
    [undefined, true, '10.0.0.1'],
    ['1.2.3.4', false, '10.0.0.1'],
    ['1.2.3.4', true, '1.2.3.4'],
    ['6.6.6.6, 1.2.3.4', true, '1.2.3.4'],
    ['1.2.3.4, 2001:db8::1 ', true, '2001:db8::1'],
    ['6.6.6.6, somebody', true, '10.0.0.1'],
    ['', true, '10.0.0.1'],
  ] as const) {
    it(`forwarded for ${JSON.stringify(forwarded)}, proxy ${trusted ? '' : 'not '}trusted: ${seen}`, () => {
      expect(clientAddress(head('10.0.0.1', forwarded), trusted)).to.equal(seen)
    })
  }
})
