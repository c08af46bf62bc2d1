// What people may call themselves, and what they may use as a password and an address.

import { expect } from 'chai'
import { displayNameSchema, emailSchema, newPasswordSchema } from '../../server/identity/credentials.ts'

const cases = {
  'display name': {
    schema: displayNameSchema,
    taken: [
      ['Ann', 'Ann'],
      ['  Ann  ', 'Ann'],
      ['Ａｎｎ', 'Ann'],
      ['ﬁsh', 'fish'],
      ['Ann\u00a0Lee', 'Ann Lee'],
      ['आन्‍या', 'आन्‍या'],
      ['👩‍👩‍👧', '👩‍👩‍👧'],
      ['x'.repeat(32), 'x'.repeat(32)],
      ['💰'.repeat(32), '💰'.repeat(32)],
    ],
    refused: [
      '',
      '   ',
      'x'.repeat(33),
      'Ann\u0000',
      'Ann\nLee',
      'Ann\u202eeeL',
      'Ann\u200bLee',
      '\u3164',
      '\u2800',
      '\u200d',
      'An\ufeffn',
      'Ann\ud800',
      'A\u{e0041}',
      7,
      null,
      ['Ann'],
    ],
  },
  email: {
    schema: emailSchema,
    taken: [
      ['ann@example.com', 'ann@example.com'],
      [' Ann@Example.COM ', 'ann@example.com'],
      ['a.b+c@mail.example.org', 'a.b+c@mail.example.org'],
    ],
    refused: [
      '',
      'ann',
      'ann@',
      '@example.com',
      'a b@example.com',
      'ann@example.com\n.x',
      `${'a'.repeat(250)}@example.com`,
      5,
    ],
  },
  'new password': {
    schema: newPasswordSchema,
    taken: [
      ['ten chars!', 'ten chars!'],
      ['ｔｅｎ chars!', 'ten chars!'],
      [' spaces stay ', ' spaces stay '],
      ['x'.repeat(128), 'x'.repeat(128)],
    ],
    refused: ['', 'nine char', 'x'.repeat(129), 'x'.repeat(100_000), 1234567890],
  },
} as const

for (const [name, { schema, taken, refused }] of Object.entries(cases)) {
  describe(name, () => {
    for (const [input, becomes] of taken) {
      it(`takes ${JSON.stringify(input).slice(0, 40)}`, () => {
        expect(schema.parse(input)).to.equal(becomes)
      })
    }
    for (const input of refused) {
      it(`refuses ${JSON.stringify(input).slice(0, 40)}`, () => {
        expect(schema.safeParse(input).success).to.equal(false)
      })
    }
  })
}
