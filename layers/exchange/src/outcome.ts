/** What each error of ccxt means for an order that was being placed: the one table that decides. */
import type { Cause } from '@nightdesk/core';
import { cleanMessage } from './clean-message.ts';
import type { Wording } from './traits/index.ts';
import { answerStatuses, NotSentError, type VenueCall } from './venue-call.ts';

/**
 * - `rejected`: the venue's word that there is no order, or the certainty that it was not asked for one;
 * - `duplicate`: the venue's word that it has this order already;
 * - `unknown`: anything else.
 */
export type Meaning = 'rejected' | 'duplicate' | 'unknown';

interface Reading {
  meaning: Meaning;
  /** Stable word for `Cause.code`. */
  code: string;
}

const rejected = (code: string): Reading => ({ meaning: 'rejected', code });
const unknown = (code: string): Reading => ({ meaning: 'unknown', code });

/**
 * Every class of ccxt's error hierarchy by its `name`, which survives bundling where class identity may not. A base
 * class says little, so it is `unknown` even where those below it are rejections.
 */
export const readings: Readonly<Record<string, Reading>> = {
  BaseError: unknown('venue_error'),
  ExchangeError: unknown('venue_error'),
  AuthenticationError: rejected('authentication_failed'),
  PermissionDenied: rejected('permission_denied'),
  AccountNotEnabled: rejected('account_not_enabled'),
  AccountSuspended: rejected('account_suspended'),
  ArgumentsRequired: rejected('bad_request'),
  BadRequest: rejected('bad_request'),
  BadSymbol: rejected('bad_symbol'),
  OperationRejected: rejected('operation_rejected'),
  // About settings that some venues change on the way to an order; they say nothing of the order itself.
  NoChange: unknown('no_change'),
  MarginModeAlreadySet: unknown('no_change'),
  MarketClosed: rejected('market_closed'),
  ManualInteractionNeeded: rejected('manual_interaction_needed'),
  RestrictedLocation: rejected('restricted_location'),
  InsufficientFunds: rejected('insufficient_funds'),
  InvalidAddress: unknown('venue_error'),
  AddressPending: unknown('venue_error'),
  InvalidOrder: rejected('invalid_order'),
  // On placing, this comes from looking for the order just placed.
  OrderNotFound: unknown('order_not_found'),
  OrderNotCached: unknown('order_not_found'),
  OrderImmediatelyFillable: rejected('order_would_fill'),
  OrderNotFillable: rejected('order_would_not_fill'),
  DuplicateOrderId: { meaning: 'duplicate', code: 'duplicate_order_id' },
  ContractUnavailable: rejected('contract_unavailable'),
  NotSupported: rejected('not_supported'),
  InvalidProxySettings: unknown('venue_error'),
  ExchangeClosedByUser: unknown('venue_error'),
  OperationFailed: unknown('operation_failed'),
  NetworkError: unknown('network'),
  DDoSProtection: unknown('rate_limited'),
  RateLimitExceeded: unknown('rate_limited'),
  ExchangeNotAvailable: unknown('unavailable'),
  OnMaintenance: unknown('maintenance'),
  // The venue checks time and nonce before anything else.
  InvalidNonce: rejected('clock_refused'),
  ChecksumError: unknown('unparsable_answer'),
  RequestTimeout: unknown('timeout'),
  BadResponse: unknown('unparsable_answer'),
  NullResponse: unknown('unparsable_answer'),
  CancelPending: unknown('operation_failed'),
  UnsubscribeError: unknown('venue_error'),
};

/** A call to a venue that ended in an error. */
export interface VenueFailure {
  /** Name of ccxt's class; `Error` and the like for what is not ccxt's. */
  className: string;
  /** What it means if the call was to place an order. */
  meaning: Meaning;
  cause: Cause;
}

/** Venues say it in many words (Binance: `-2010 Duplicate order sent.`), and ccxt rarely maps it. */
const duplicatePattern = /duplicat/i;

/** What is known beforehand of how a venue's errors read. */
export interface FailureReader {
  /** Values that must not appear in a message. */
  secrets: readonly string[];
  wordings: readonly Wording[];
}

/** Reads an error together with what is known of the call that it ended. */
export function readFailure(error: unknown, call: VenueCall, reader: FailureReader): VenueFailure {
  const className = error instanceof Error ? error.name : 'Error';
  const message = error instanceof Error ? error.message : String(error);
  const { secrets } = reader;
  const wording = reader.wordings.find((candidate) => candidate.message.test(message));
  const reading = error instanceof NotSentError ? rejected(error.code) : (wording ?? readingOf(className));
  const cause = { code: reading.code, message: cleanMessage(message, secrets) };
  if (!isEvidence(error, call)) return { className, meaning: 'unknown', cause };
  const duplicate = reading.meaning === 'rejected' && duplicatePattern.test(message);
  if (duplicate) return { className, meaning: 'duplicate', cause: { ...cause, code: 'duplicate_order_id' } };
  return { className, meaning: reading.meaning, cause };
}

const readingOf = (className: string): Reading =>
  (Object.hasOwn(readings, className) ? readings[className] : undefined) ?? unknown('unexpected_error');

/**
 * An error is the venue's word only if it was made from the venue's answer, that answer is no 5xx (Binance: "execution
 * status unknown"), and no earlier request of the call may have placed the order. If nothing was sent, ccxt's own
 * refusal is as certain.
 */
function isEvidence(error: unknown, call: VenueCall): boolean {
  if (call.sent === 0) return true;
  const status = typeof error === 'object' && error !== null ? answerStatuses.get(error) : undefined;
  return status !== undefined && status < 500 && call.writesAnswered === 0;
}
