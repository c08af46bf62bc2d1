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
  'auth.guest': spec(409, 'A guest has no password: register first.'),
  'auth.mfa_required': spec(401, 'The code of your second factor is needed as well.'),
  'auth.mfa_invalid': spec(401, 'This code is wrong, or was used before.'),
  'auth.mfa_unreadable': spec(
    409,
    'Your second factor cannot be read any more: use a recovery code, or ask for a reset.',
  ),
  'auth.mfa_enabled': spec(409, 'There is a second factor already.'),
  'auth.mfa_not_enabled': spec(409, 'There is no second factor.'),
  'auth.mfa_not_proposed': spec(409, 'Set a second factor up first.'),
  'staff.mfa_required': spec(403, 'Staff sign in with a second factor: set it up, and sign in with its code.'),
  'staff.has_roles': spec(409, 'Take the roles of staff away first.'),
  'staff.guest': spec(409, 'Roles are given to users who have an account.'),
  'staff.last_admin': spec(409, 'There has to be an admin left.'),
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
  // jobs
  'job.not_configured': spec(409, 'This job is not set up on this server.'),
  'job.not_provable': spec(409, 'This cannot be proved under that checkpoint.'),
  // replays
  'replay.not_ready': spec(409, 'There is no recording of this match, or not yet.'),
  'replay.damaged': spec(500, 'The recording is not the one that was made.'),
  'replay.other_rules': spec(409, 'The rules of this game have changed since; the recording is kept, not shown.'),
  'replay.no_field': spec(409, 'This game is played nowhere: it has no places to show.'),
  'replay.too_many_shares': spec(409, 'You have shared as many replays as one may share.'),
  // reconciliation
  'reconciliation.statement_account': spec(422, 'Statements of this account are not handed in.'),
  'reconciliation.statement_line': spec(422, 'A line of the statement is not of the form.'),
  'reconciliation.too_many_statements': spec(409, 'There are as many statements as are kept.'),
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
  'wallet.deposit_limit': spec(409, 'This would pass what a wallet may take in by deposits in one UTC day.'),
  'wallet.not_withdrawable': spec(422, 'This asset cannot be withdrawn this way.'),
  'wallet.withdrawal_limit': spec(409, 'This would pass what a wallet may withdraw in one UTC day.'),
  'wallet.kyc_limit': spec(409, 'This would pass what may leave in one UTC day before the owner is verified further.'),
  'wallet.kyc_required': spec(409, 'The owner has to be verified before more can be withdrawn.'),
  'wallet.kyc_unchanged': spec(409, 'The owner is of this level already.'),
  'wallet.too_many_withdrawals': spec(409, 'This wallet has too many open withdrawals.'),
  'wallet.too_many_destinations': spec(409, 'This owner has withdrawn to too many addresses.'),
  'wallet.withdrawal_unknown': spec(404, 'No such open withdrawal.'),
  'wallet.withdrawal_state': spec(409, 'The withdrawal is not in a state that allows this.'),
  'wallet.adjustment_unknown': spec(404, 'No such open adjustment.'),
  'wallet.adjustment_own': spec(403, 'An adjustment needs a second person.'),
  'wallet.adjustment_too_large': spec(403, 'The adjustment is more than your role may propose or approve.'),
  'wallet.adjustment_expired': spec(409, 'Nobody approved this adjustment in time.'),
  'wallet.adjustment_account': spec(422, 'Adjustments are not booked against this account.'),
  'wallet.too_many_adjustments': spec(409, 'Too many adjustments of this wallet wait for a second person.'),
  'wallet.not_adjustable': spec(422, 'There is one of an NFT: it is minted and burned, not adjusted.'),
  'wallet.too_many_nfts': spec(409, 'This wallet has as many NFTs as a wallet can hold.'),
  'wallet.owes': spec(409, 'The owner owes money in this asset; what comes in pays it first.'),
  'wallet.reversal_foreign': spec(422, 'The record is not one of this wallet.'),
  'wallet.reversal_moved_nothing': spec(422, 'This record moved no money.'),
  'wallet.reversal_of_reversal': spec(422, 'A reversal is not reversed.'),
  'wallet.reversal_of_sending': spec(422, 'What was sent is reversed by the record of the wallet that received it.'),
  'wallet.reversal_of_hold': spec(422, 'What is held is released, not reversed.'),
  'wallet.reversal_of_request': spec(422, 'An open withdrawal is rejected; reverse the record that paid one out.'),
  'wallet.not_reversible': spec(422, 'Records of this kind are not reversed.'),
  'wallet.reversal_exceeds': spec(422, 'The amount is more than the record moved.'),
  'wallet.reversal_done': spec(409, 'This record has been reversed.'),
  'wallet.reversal_open': spec(409, 'A reversal of this record waits for a second person.'),
  'wallet.too_many_reversals': spec(409, 'Too many records of this wallet have been reversed.'),
  'wallet.not_convertible': spec(422, 'This asset cannot be converted into that one.'),
  'wallet.quote_invalid': spec(422, 'This quote is not one of ours for this conversion.'),
  'wallet.quote_expired': spec(409, 'This quote has expired; ask for another.'),
  'wallet.quote_used': spec(409, 'This quote has been used.'),
  'wallet.sandbox_refused': spec(403, 'The sandbox provider is refused in production.'),
  'wallet.hold_unknown': spec(404, 'No such hold.'),
  'wallet.hold_exists': spec(409, 'A hold of this name is open.'),
  'wallet.hold_expired': spec(409, 'This hold has expired.'),
  'wallet.hold_too_long': spec(422, 'A hold cannot last as long as that.'),
  'wallet.hold_exceeded': spec(409, 'The amount is more than what is left of the hold.'),
  'wallet.too_many_holds': spec(409, 'This wallet has too many open holds.'),
  'wallet.stake_kyc': spec(409, 'Stakes as high as that need a verified owner.'),
  'wallet.not_stakable': spec(422, 'Nothing is staked in this asset.'),
  // matches
  'match.unknown': spec(404, 'No such match.'),
  'match.exists': spec(409, 'A match of this name was made of something else.'),
  'match.spec_invalid': spec(422, 'A match cannot be made of this.'),
  'match.not_seated': spec(403, 'You have no seat in this match.'),
  'match.not_funding': spec(409, 'This match takes no stakes and no acceptances any more.'),
  'match.stake_wrong': spec(409, 'This is not the stake of this seat.'),
  'match.stake_there': spec(409, 'This seat has its stake.'),
  'match.stake_required': spec(409, 'This match is played for a stake.'),
  'match.not_ready': spec(409, 'Not every seat of this match is in.'),
  'match.not_live': spec(409, 'This match is not being played.'),
  'match.over': spec(409, 'This match is over.'),
  'match.forfeit': spec(409, 'This seat has forfeited.'),
  'match.epoch_old': spec(409, 'A newer loop has taken this match over.'),
  'match.too_many_resumes': spec(409, 'This match has been taken over too often.'),
  'match.played_here': spec(409, 'The result of this match is computed here, not reported.'),
  'match.outcome_invalid': spec(422, 'This is no result of this match.'),
  'match.score_exists': spec(409, 'A result of this match has been reported.'),
  'match.score_unknown': spec(404, 'No result of this match has been reported.'),
  'match.score_state': spec(409, 'The result of this match is not in a state for that.'),
  'match.told': spec(409, 'You have reported another result.'),
  'match.window_over': spec(409, 'This match cannot be disputed any more.'),
  'match.window_open': spec(409, 'This result may be disputed still.'),
  'match.dispute_exists': spec(409, 'You have disputed this match.'),
  'match.dispute_unknown': spec(404, 'No such dispute.'),
  'match.dispute_closed': spec(409, 'This dispute is over.'),
  'match.dispute_own': spec(403, 'Only somebody else of this match votes on that.'),
  'match.dispute_foreign': spec(403, 'This dispute is another player’s.'),
  'match.too_much_evidence': spec(409, 'This dispute has as much evidence as one can have.'),
  'match.own': spec(403, 'Nobody decides about a match of their own.'),
  'match.four_eyes': spec(409, 'Another person has to do that.'),
  'match.ruling_unknown': spec(404, 'No such proposal waits.'),
  'match.ruling_too_large': spec(403, 'The pool is worth more than your role may decide about.'),
  'match.ruling_state': spec(409, 'That cannot be decided while the match is in this state.'),
  'match.split_wrong': spec(422, 'The parts do not add up to what is paid out.'),
  'match.too_many_rulings': spec(409, 'Too many proposals about this match wait for a second person.'),
  'match.unclaimed_unknown': spec(404, 'Nothing of that came back.'),
  // NFTs
  'nft.unknown_chain': spec(422, 'NFTs of this chain are not taken here.'),
  'nft.already_minted': spec(409, 'This token is minted already: there is one of it.'),
  'nft.not_minted': spec(409, 'This token is not minted.'),
  'nft.not_unclaimed': spec(409, 'Only a token that came back unclaimed can be delivered again or burned.'),
  // queues
  'queue.unknown_pool': spec(422, 'No such queue: the game, mode, format, region or entry fee does not exist.'),
  'queue.party_too_large': spec(422, 'The party is larger than a team of this format.'),
  'queue.party_wrong': spec(
    422,
    'A party is called by its leader, who names the others; each of them names the leader alone.',
  ),
  'queue.ping_too_high': spec(422, 'The connection to this region is slower than matches allow.'),
  'queue.already_waiting': spec(409, 'You are in a queue already.'),
  'queue.in_match': spec(409, 'You are in a match, or have been offered one.'),
  'queue.penalised': spec(409, 'The queues are closed to you for a while: a match was declined or missed.'),
  'queue.no_ticket': spec(404, 'No such ticket is waiting.'),
  // lobbies
  'lobby.unknown': spec(404, 'No such lobby.'),
  'lobby.exists': spec(409, 'A lobby of this name was made of something else.'),
  'lobby.setup_invalid': spec(422, 'A lobby cannot be made of this.'),
  'lobby.no_such_seat': spec(422, 'The lobby has no such seat.'),
  'lobby.seat_taken': spec(409, 'Somebody sits there.'),
  'lobby.full': spec(409, 'Every seat of this lobby is taken.'),
  'lobby.not_full': spec(409, 'Seats of this lobby are free, and no bots may take them.'),
  'lobby.not_open': spec(409, 'The lobby is not open for that now.'),
  'lobby.over': spec(409, 'This lobby is over.'),
  'lobby.in_match': spec(409, 'The lobby is in a match.'),
  'lobby.no_match': spec(409, 'The lobby has no match yet.'),
  'lobby.not_seated': spec(409, 'They have no seat in this lobby.'),
  'lobby.not_owner': spec(403, 'Only its owner does that.'),
  'lobby.own_seat': spec(422, 'Nobody sends themselves away: leave instead.'),
  'lobby.not_invited': spec(403, 'This lobby takes in who is invited.'),
  'lobby.barred': spec(403, 'Its owner has sent you away from this lobby.'),
  'lobby.rating_apart': spec(409, 'Your rating is too far from that of this lobby.'),
  'lobby.ready_check_over': spec(409, 'The ready check is over.'),
  'lobby.too_many': spec(409, 'You own as many open lobbies as one may.'),
  'lobby.too_many_invitations': spec(409, 'This lobby has invited as many as it can.'),
  // formats of tournaments
  'tournament.prizes_malformed': spec(422, 'The prizes have to fall by place and add up to all of the pool.'),
  'tournament.places_malformed': spec(422, 'These are not the places of a tournament.'),
  'tournament.veto_malformed': spec(422, 'These maps cannot be banned and picked for so many games.'),
  'tournament.veto_turn': spec(409, 'It is not your turn to do that.'),
  'tournament.veto_map': spec(409, 'This map is not open any more.'),
  'tournament.veto_over': spec(409, 'Every map is banned or picked.'),
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
