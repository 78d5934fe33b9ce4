/** Binance's errors: code, message and HTTP status as its public documentation lists them. */

export class BinanceError extends Error {
  override readonly name = 'BinanceError';
  readonly code: number;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: number, message: string, options: { status?: number; headers?: Record<string, string> } = {}) {
    super(message);
    this.code = code;
    this.status = options.status ?? 400;
    this.headers = options.headers ?? {};
  }
}

export const illegalCharacters = (name: string, range: string) =>
  new BinanceError(-1100, `Illegal characters found in parameter '${name}'; legal range is '${range}'.`);
export const duplicateParameter = () => new BinanceError(-1101, 'Duplicate values for a parameter detected.');
export const missingParameter = (name: string) =>
  new BinanceError(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`);
export const missingEither = (left: string, right: string) =>
  new BinanceError(-1102, `Param '${left}' or '${right}' must be sent, but both were empty/null!`);
export const unreadParameters = (read: number, sent: number) =>
  new BinanceError(-1104, `Not all sent parameters were read; read '${read}' parameter(s) but was sent '${sent}'.`);
export const emptyParameter = (name: string) => new BinanceError(-1105, `Parameter '${name}' was empty.`);
export const unneededParameter = (name: string) =>
  new BinanceError(-1106, `Parameter '${name}' sent when not required.`);
export const tooMuchPrecision = (name: string) =>
  new BinanceError(-1111, `Parameter '${name}' has too much precision.`);
export const invalidTimeInForce = () => new BinanceError(-1115, 'Invalid timeInForce.');
export const invalidOrderType = () => new BinanceError(-1116, 'Invalid orderType.');
export const invalidSide = () => new BinanceError(-1117, 'Invalid side.');
export const invalidInterval = () => new BinanceError(-1120, 'Invalid interval.');
export const invalidSymbol = () => new BinanceError(-1121, 'Invalid symbol.');
export const invalidListenKey = () => new BinanceError(-1125, 'This listenKey does not exist.');
export const intervalTooBig = (hours: number) =>
  new BinanceError(-1127, `More than ${hours} hours between startTime and endTime.`);
export const badCombination = () => new BinanceError(-1128, 'Combination of optional parameters invalid.');
export const invalidParameter = (name: string) =>
  new BinanceError(-1130, `Data sent for parameter '${name}' is not valid.`);
export const recvWindowTooLarge = () => new BinanceError(-1131, 'recvWindow must be less than 60000.');

export const filterFailure = (filter: string) => new BinanceError(-1013, `Filter failure: ${filter}`);
export const invalidAmount = (what: 'quantity' | 'price') => new BinanceError(-1013, `Invalid ${what}.`);
export const marketClosed = () => new BinanceError(-1013, 'Market is closed.');
export const unsupportedCombination = () => new BinanceError(-1014, 'Unsupported order combination.');
export const timestampOutside = () =>
  new BinanceError(-1021, 'Timestamp for this request is outside of the recvWindow.');
export const timestampAhead = () =>
  new BinanceError(-1021, "Timestamp for this request was 1000ms ahead of the server's time.");
export const invalidSignature = () => new BinanceError(-1022, 'Signature for this request is not valid.');
export const orderRejected = (message: string) => new BinanceError(-2010, message);
export const cancelRejected = () => new BinanceError(-2011, 'Unknown order sent.');
export const amendRejected = (message: string) => new BinanceError(-2038, message);
/** The documentation lists no code of its own for a list that is not there. */
export const noSuchOrderList = () => new BinanceError(-2013, 'Order list does not exist.');
export const noSuchOrder = () => new BinanceError(-2013, 'Order does not exist.');
export const badKeyFormat = () => new BinanceError(-2014, 'API-key format invalid.', { status: 401 });
export const rejectedKey = () =>
  new BinanceError(-2015, 'Invalid API-key, IP, or permissions for action.', { status: 401 });
export const notFound = () => new BinanceError(-1099, 'Not found, authenticated, or authorized', { status: 404 });

export const tooManyOrders = (limit: number, span: string) =>
  new BinanceError(-1015, `Too many new orders; current limit is ${limit} orders per ${span}.`, { status: 429 });
export const tooMuchWeight = (limit: number, retryAfterSeconds: number) =>
  new BinanceError(
    -1003,
    `Too much request weight used; current limit is ${limit} request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.`,
    { status: 429, headers: { 'Retry-After': String(retryAfterSeconds) } },
  );
export const tooMuchUidWeight = (limit: number, retryAfterSeconds: number) =>
  new BinanceError(-1003, `Too much request weight used; current limit of UID is ${limit} per 1 MINUTE.`, {
    status: 429,
    headers: { 'Retry-After': String(retryAfterSeconds) },
  });
export const banned = (untilMs: number, retryAfterSeconds: number) =>
  new BinanceError(
    -1003,
    `Way too much request weight used; IP banned until ${untilMs}. Please use WebSocket Streams for live updates to avoid bans.`,
    { status: 418, headers: { 'Retry-After': String(retryAfterSeconds) } },
  );
