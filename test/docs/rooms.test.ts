// docs/rooms.md says what the schemas validate, no more and no less.

import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { roomsDocument } from '../../server/bin/roomsDoc.ts'

describe('docs/rooms.md', () => {
  it('is what the message schemas generate', () => {
    expect(readFileSync(new URL('../../docs/rooms.md', import.meta.url), 'utf8')).to.equal(roomsDocument())
  })
})
