// The one registry of errors (DESIGN §6). Rooms and HTTP translate codes found here; anything else is `internal`.

interface ErrorSpec {
  readonly status: number
  /** True where the same command with the same key may be sent again as it is. */
  readonly retryable: boolean
  readonly message: string
}

const spec = (status: number, message: string, retryable = false): ErrorSpec => ({ status, retryable, message })

export const ERRORS = {
  // input
  invalid_request: spec(400, 'The request is not of the form this operation takes.'),
  malformed_body: spec(400, 'The body is not valid JSON.'),
  payload_too_large: spec(413, 'The body is larger than this server accepts.'),
  request_timeout: spec(408, 'The request took too long to arrive.', true),
  unsupported_media_type: spec(415, 'The body has to be application/json.'),
  idempotency_key_required: spec(400, 'This operation needs an idempotency key.'),
  'amount.malformed': spec(422, 'The amount is not a plain decimal number.'),
  'amount.not_positive': spec(422, 'The amount has to be more than zero.'),
  'amount.too_precise': spec(422, 'The amount has more decimals than the asset.'),
  'amount.too_large': spec(422, 'The amount is larger than this operation accepts.'),
  'asset.unknown': spec(422, 'No such asset.'),
  // identity
  unauthenticated: spec(401, 'A valid access token is needed.'),
  token_expired: spec(401, 'The access token has expired.'),
  forbidden: spec(403, 'This is not yours to see or change.'),
  'auth.invalid_credentials': spec(401, 'Email or password is wrong.'),
  'auth.locked': spec(429, 'Too many failed logins; try again later.', true),
  'auth.email_taken': spec(409, 'This email address is already registered.'),
  'auth.refresh_invalid': spec(401, 'The refresh token is not valid any more.'),
  // protocol
  not_found: spec(404, 'Nothing is here.'),
  method_not_allowed: spec(405, 'This address does not take that method.'),
  not_available: spec(501, 'This part of the service is not available yet.'),
  rate_limited: spec(429, 'Too many requests.', true),
  idempotency_mismatch: spec(409, 'This idempotency key was used before with another body.'),
  overloaded: spec(503, 'The service is busy; send the same command again.', true),
  unavailable: spec(503, 'The service cannot answer now; send the same command again.', true),
  internal: spec(500, 'Something went wrong on our side.'),
  // questions about the ledger
  'ledger.filter_too_wide': spec(422, 'Name an account, a wallet or an actor, or a time to begin at.'),
  'ledger.as_of_in_future': spec(422, 'That moment has not come yet.'),
  'ledger.as_of_before_first': spec(422, 'That moment is before the first record.'),
  'ledger.account_unknown': spec(404, 'No entry was ever made on this account in this asset.'),
  'ledger.statement_too_long': spec(422, 'The period has more lines than one statement holds; name a shorter one.'),
  'ledger.past_not_ready': spec(503, 'The store cannot answer about that moment yet.', true),
  // wallet
  'wallet.not_open': spec(404, 'This wallet is not open.'),
  'wallet.unknown_recipient': spec(404, 'No such wallet to send to.'),
  'wallet.frozen': spec(409, 'This wallet is frozen.'),
  'wallet.not_frozen': spec(409, 'This wallet is not frozen.'),
  'wallet.closed': spec(409, 'This wallet is closed.'),
  'wallet.not_empty': spec(409, 'A wallet with money in it cannot be closed.'),
  'wallet.insufficient_funds': spec(409, 'Not enough money is available.'),
  'wallet.self_transfer': spec(422, 'A wallet cannot send to itself.'),
  'wallet.balance_limit': spec(409, 'The balance would be larger than a wallet can hold.'),
  'wallet.below_minimum': spec(422, 'The amount is below the minimum of this operation.'),
  'wallet.above_maximum': spec(422, 'The amount is above the maximum of this operation.'),
  'wallet.not_depositable': spec(422, 'This asset cannot be deposited this way.'),
  'wallet.sandbox_refused': spec(403, 'Sandbox deposits are refused in production.'),
  'wallet.hold_unknown': spec(404, 'No such hold.'),
  'wallet.hold_exists': spec(409, 'A hold of this name is open.'),
  'wallet.hold_expired': spec(409, 'This hold has expired.'),
  'wallet.hold_too_long': spec(422, 'A hold cannot last as long as that.'),
  'wallet.hold_exceeded': spec(409, 'The amount is more than what is left of the hold.'),
  'wallet.too_many_holds': spec(409, 'This wallet has too many open holds.'),
} as const satisfies Record<string, ErrorSpec>

export type ErrorCode = keyof typeof ERRORS

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code)
}

export function errorSpec(code: ErrorCode): ErrorSpec {
  return ERRORS[code]
}

/** The body both wires answer with. `details` maps a field to what is wrong with it. */
export interface ErrorBody {
  readonly code: ErrorCode
  readonly message: string
  readonly retryable: boolean
  readonly request_id?: string
  readonly details?: Readonly<Record<string, string>>
  readonly retry_after_seconds?: number
}

export function errorBody(code: ErrorCode, more: Omit<ErrorBody, 'code' | 'message' | 'retryable'> = {}): ErrorBody {
  const { message, retryable } = ERRORS[code]
  return { code, message, retryable, ...more }
}

/** Carries a registered code through layers that can only throw. Outcomes of commands are values, not this. */
export class ServiceError extends Error {
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, string>> | undefined
  constructor(code: ErrorCode, details?: Readonly<Record<string, string>>) {
    super(code)
    this.name = 'ServiceError'
    this.code = code
    this.details = details
  }
}
