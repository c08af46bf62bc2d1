// The chart of accounts (DESIGN §4): which class an account is of, which side it grows on, and who may post to it (M3).
// Account names are `<code>` or `<code>:<subject>`; a balance is kept per account and asset.

export type AccountClass = 'asset' | 'liability' | 'equity' | 'revenue' | 'expense'

export interface AccountSpec {
  readonly code: string
  readonly title: string
  readonly class: AccountClass
  /** Kinds of actors that own an account of this code each; empty for a system account of a partition. */
  readonly owners: readonly string[]
}

const account = (code: string, title: string, kind: AccountClass, owners: readonly string[] = []): AccountSpec =>
  Object.freeze({ code, title, class: kind, owners: Object.freeze([...owners]) })

export const CHART: ReadonlyMap<string, AccountSpec> = new Map(
  [
    account('1001', 'bank', 'asset'),
    account('1002', 'Stripe', 'asset'),
    account('1003', 'custody', 'asset'),
    account('1004', 'receivable', 'asset'),
    account('2001', 'available', 'liability', ['wallet']),
    account('2002', 'escrow', 'liability', ['match', 'tournament']),
    account('2003', 'pending withdrawal', 'liability', ['wallet']),
    account('2004', 'subscription credit', 'liability'),
    account('2005', 'held', 'liability', ['wallet']),
    account('2006', 'in transit', 'liability'),
    account('2007', 'unclaimed', 'liability', ['wallet', 'match', 'tournament', 'nft']),
    account('3001', 'equity', 'equity'),
    account('3002', 'conversion position', 'equity'),
    account('4001', 'platform fees', 'revenue'),
    account('4002', 'subscriptions', 'revenue'),
    account('4003', 'credit sales', 'revenue'),
    account('5001', 'processing', 'expense'),
    account('5003', 'promotions', 'expense'),
    account('5004', 'prize contributions', 'expense'),
    account('6001', 'rounding', 'expense'),
  ].map((entry) => [entry.code, entry]),
)

export const IN_TRANSIT = '2006'

/** The four digits before the colon, or the whole name. */
export function accountCode(name: string): string {
  const colon = name.indexOf(':')
  return colon === -1 ? name : name.slice(0, colon)
}

export function accountSubject(name: string): string {
  const colon = name.indexOf(':')
  return colon === -1 ? '' : name.slice(colon + 1)
}

/** By the code's number, so that the hot path looks an account up without making strings. */
const BY_NUMBER: (AccountSpec | undefined)[] = []
for (const spec of CHART.values()) BY_NUMBER[Number(spec.code)] = spec

export function accountSpec(name: string): AccountSpec | null {
  if (name.length > 4 && name.charCodeAt(4) !== COLON) return null
  let number = 0
  for (let index = 0; index < 4; index++) {
    const digit = name.charCodeAt(index) - ZERO
    if (!(digit >= 0 && digit <= 9)) return null
    number = number * 10 + digit
  }
  return BY_NUMBER[number] ?? null
}

/** M3, M5: whether an account of this name belongs to one actor, not to its partition. */
export function isOwnedAccount(name: string): boolean {
  const spec = accountSpec(name)
  return spec !== null && spec.owners.length > 0
}

/** Whether this name is the account `spec` of exactly this subject. */
export function isAccountOf(name: string, subject: string): boolean {
  return name.length === subject.length + 5 && name.endsWith(subject)
}

const COLON = 58
const ZERO = 48

/** Assets and expenses grow by debits, the others by credits. */
export function growsByDebit(spec: AccountSpec): boolean {
  return spec.class === 'asset' || spec.class === 'expense'
}

/** M3, M5: owned accounts have one actor as their writer and never go below zero. */
export function isOwned(spec: AccountSpec): boolean {
  return spec.owners.length > 0
}
