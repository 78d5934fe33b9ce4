/**
 * What BitMEX's errors mean in ccxt's classes. https://www.bitmex.com/app/restAPI#Errors lists the texts; they come
 * as `{"error":{"message":"…","name":"HTTPError"}}`.
 */
import {
  AccountSuspended,
  AuthenticationError,
  BadRequest,
  BadSymbol,
  ContractUnavailable,
  DuplicateOrderId,
  ExchangeNotAvailable,
  InsufficientFunds,
  InvalidNonce,
  InvalidOrder,
  MarketClosed,
  OnMaintenance,
  OperationRejected,
  OrderNotFound,
  PermissionDenied,
  RateLimitExceeded,
} from 'ccxt';

type ErrorClass = new (message: string) => Error;

/** Whole messages. */
export const exactErrors: Readonly<Record<string, ErrorClass>> = {
  'Access Denied': PermissionDenied,
  'Account is suspended': AccountSuspended,
  'Duplicate clOrdID': DuplicateOrderId,
  'Duplicate orderID': DuplicateOrderId,
  Forbidden: PermissionDenied,
  'Instrument expired': ContractUnavailable,
  'Instrument not listed for trading yet': ContractUnavailable,
  'Invalid API Key.': AuthenticationError,
  'Invalid orderID': OrderNotFound,
  'Invalid origClOrdID': OrderNotFound,
  'Invalid symbol': BadSymbol,
  'Market is not open': MarketClosed,
  'Not Found': OrderNotFound,
  'This key is disabled.': PermissionDenied,
  Unauthorized: AuthenticationError,
};

/** Parts of messages, looked for in this order. */
export const broadErrors: Readonly<Record<string, ErrorClass>> = {
  'Signature not valid': AuthenticationError,
  'request has expired': InvalidNonce,
  'Nonce is not increasing': InvalidNonce,
  overloaded: ExchangeNotAvailable,
  'Service unavailable': ExchangeNotAvailable,
  maintenance: OnMaintenance,
  'Rate limit exceeded': RateLimitExceeded,
  'insufficient Available Balance': InsufficientFunds,
  'Account has no': InsufficientFunds,
  'margin call': InsufficientFunds,
  'Unable to cancel order': OrderNotFound,
  'Invalid ordStatus': InvalidOrder,
  liquidation: OperationRejected,
  'execInst of': InvalidOrder,
  'Risk Limit': OperationRejected,
  'Invalid ': InvalidOrder,
  'Unsupported ': InvalidOrder,
  'is invalid': BadRequest,
  'is not valid': BadRequest,
};

/** Where the text is not known; 5xx and what is not listed is left to ccxt, which says "not available". */
export const statusErrors: Readonly<Record<number, ErrorClass>> = {
  400: BadRequest,
  401: AuthenticationError,
  403: PermissionDenied,
};
