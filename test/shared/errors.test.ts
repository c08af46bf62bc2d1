// The one registry of errors: what clients are told, and may rely on.

import { expect } from 'chai'
import { ERRORS, errorBody, errorSpec, isErrorCode, ServiceError } from '../../shared/errors.ts'

describe('errors', () => {
  for (const [code, spec] of Object.entries(ERRORS)) {
    it(`${code} is told as ${spec.status}${spec.retryable ? ', to be retried' : ''}`, () => {
      expect(code).to.match(/^[a-z]+(_[a-z]+)*(\.[a-z]+(_[a-z]+)*)?$/)
      expect(spec.status).to.be.within(400, 599)
      expect(spec.message).to.match(/^[A-Z][^{}<>`]{5,120}\.$/)
      // A code may be retried exactly where the status says that time, and nothing else, is in the way.
      expect(spec.retryable).to.equal([408, 429, 503].includes(spec.status))
    })
  }

  it('a body carries code, message and retryable, and what it is given besides', () => {
    expect(errorBody('overloaded')).to.deep.equal({
      code: 'overloaded',
      message: ERRORS.overloaded.message,
      retryable: true,
    })
    expect(errorBody('invalid_request', { request_id: 'r1', details: { to: 'too long' } })).to.include({
      code: 'invalid_request',
      retryable: false,
      request_id: 'r1',
    })
  })

  it('knows its own codes only', () => {
    expect(isErrorCode('wallet.frozen')).to.equal(true)
    for (const code of ['', 'frozen', 'toString', '__proto__', 'constructor', 'wallet.']) {
      expect(isErrorCode(code), code).to.equal(false)
    }
    expect(errorSpec('wallet.frozen')).to.equal(ERRORS['wallet.frozen'])
  })

  it('ServiceError carries a code through what can only throw', () => {
    const error = new ServiceError('not_found', { id: 'none such' })
    expect(error).to.be.instanceOf(Error)
    expect(error).to.include({ name: 'ServiceError', message: 'not_found', code: 'not_found' })
    expect(error.details).to.deep.equal({ id: 'none such' })
  })
})
