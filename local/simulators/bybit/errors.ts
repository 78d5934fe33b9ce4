/** Bybit's errors: a `retCode` and a text, nearly always with status 200. */

export class BybitError extends Error {
  override readonly name: string = 'BybitError';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** Refused before any route is reached: status 403 and a bare text, as the gateway in front of Bybit sends it. */
export class AccessTooFrequentError extends Error {
  override readonly name = 'AccessTooFrequentError';

  constructor() {
    super('access too frequent');
  }
}

export const invalidParameter = (detail: string) => new BybitError(10001, `params error: ${detail}`);
export const requestExpired = (times: { nowMs: number; timestampMs: string; recvWindowMs: string }) =>
  new BybitError(
    10002,
    'invalid request, please check your server timestamp or recv_window param. ' +
      `req_timestamp[${times.timestampMs}],server_timestamp[${times.nowMs}],recv_window[${times.recvWindowMs}]`,
  );
export const invalidKey = () => new BybitError(10003, 'API key is invalid.');
export const invalidSign = () => new BybitError(10004, 'error sign! please check your signature generation algorithm.');
export const permissionDenied = () =>
  new BybitError(10005, 'Permission denied, please check your API key permissions.');
export const tooManyVisits = () => new BybitError(10006, 'Too many visits. Exceeded the API Rate Limit.');
export const unmatchedAddress = () =>
  new BybitError(10010, "Unmatched IP, please check your API key's bound IP addresses.");
export const serverError = () => new BybitError(10016, 'Internal System Error.');
export const unknownRoute = () => new BybitError(10017, 'Route not found.');
export const unifiedForbidden = () => new BybitError(100028, 'The API cannot be accessed by unified account users.');

/** The same mistake has one code for spot and another for contracts. */
export type Category = 'spot' | 'linear';
type Mistake = readonly [spot: readonly [number, string], linear: readonly [number, string]];

const mistakes = {
  invalidSymbol: [
    [170121, 'Invalid symbol.'],
    [10001, 'params error: symbol invalid'],
  ],
  noSuchOrder: [
    [170213, 'Order does not exist.'],
    [110001, 'order not exists or too late to cancel'],
  ],
  duplicateLinkId: [
    [170141, 'Duplicate clientOrderId.'],
    [110072, 'OrderLinkedID is duplicate'],
  ],
  insufficientBalance: [
    [170131, 'Insufficient balance.'],
    [110007, 'ab not enough for new order'],
  ],
  priceDecimals: [
    [170134, 'Order price has too many decimals.'],
    [10001, 'Price invalid'],
  ],
  priceOutOfRange: [
    [170138, 'Order price out of permissible range.'],
    [110003, 'Order price exceeds the allowable range.'],
  ],
  quantityDecimals: [
    [170137, 'Order quantity has too many decimals.'],
    [10001, 'Qty invalid'],
  ],
  quantityTooSmall: [
    [170136, 'Order quantity exceeded lower limit.'],
    [10001, 'The number of contracts exceeds minimum limit allowed'],
  ],
  quantityTooLarge: [
    [170135, 'Order quantity exceeded upper limit.'],
    [10001, 'The number of contracts exceeds maximum limit allowed: too large'],
  ],
  valueTooSmall: [
    [170140, 'Order value exceeded lower limit.'],
    [110094, 'Order does not meet minimum order value 5USDT'],
  ],
  valueTooLarge: [
    [170124, 'Order value exceeded upper limit.'],
    [110003, 'Order price exceeds the allowable range.'],
  ],
  notTrading: [
    [170157, 'Trading of this symbol is not open.'],
    [110074, 'This contract is not live'],
  ],
  wouldTrigger: [
    [170139, 'The trigger price has been reached already.'],
    [110092, 'expect Rising or Falling, but the trigger price has been reached already'],
  ],
} satisfies Readonly<Record<string, Mistake>>;

export function mistake(name: keyof typeof mistakes, category: Category): BybitError {
  const [spot, linear] = mistakes[name];
  const [code, message] = category === 'spot' ? spot : linear;
  return new BybitError(code, message);
}
