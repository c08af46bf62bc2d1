// Damage to the closings that answers about the past begin at.

import type { LedgerDamage } from './damage.ts'

export const CLOSINGS: readonly LedgerDamage[] = [
  {
    what: 'a sum of a closing',
    collection: 'closings',
    change: (found) => ({ ...found, balances: found.balances.replace(/"(-?)(\d+)"\]\]$/, '"$11$2"]]') }),
    invariant: 'S1',
    says: /the store closes with .*, the journal gives/,
  },
  {
    what: 'a closing that belongs to no batch',
    collection: 'closings',
    change: (found) => ({ ...found, _id: `${found._id.slice(0, -15)}999999999999999` }),
    invariant: 'S1',
    says: /the store has \d+ closings, \d+ at ends of batches/,
  },
]
