/** Kraken's errors: texts as its public documentation lists them, sent with HTTP status 200. */

export class KrakenError extends Error {
  override readonly name = 'KrakenError';
}

const fixedError = (text: string) => () => new KrakenError(text);

export const invalidKey = fixedError('EAPI:Invalid key');
export const invalidSignature = fixedError('EAPI:Invalid signature');
export const invalidNonce = fixedError('EAPI:Invalid nonce');
export const callLimitExceeded = fixedError('EAPI:Rate limit exceeded');
export const temporaryLockout = fixedError('EGeneral:Temporary lockout');
export const tooManyRequests = fixedError('EGeneral:Too many requests');
export const permissionDenied = fixedError('EGeneral:Permission denied');
export const unknownMethod = fixedError('EGeneral:Unknown method');
export const invalidSession = fixedError('ESession:Invalid session');

/** @param detail the field, or what is wrong with it; absent for a request that is malformed as a whole */
export const invalidArguments = (detail?: string) =>
  new KrakenError(`EGeneral:Invalid arguments${detail === undefined ? '' : `:${detail}`}`);
export const unknownPair = fixedError('EQuery:Unknown asset pair');
export const unknownAsset = fixedError('EQuery:Unknown asset');

export const insufficientFunds = fixedError('EOrder:Insufficient funds');
export const orderLimitExceeded = fixedError('EOrder:Rate limit exceeded');
export const tooManyOpenOrders = fixedError('EOrder:Orders limit exceeded');
export const unknownOrder = fixedError('EOrder:Unknown order');
export const invalidOrder = fixedError('EOrder:Invalid order');
export const invalidPrice = (detail: string) => new KrakenError(`EOrder:Invalid price:${detail}`);
export const minimumNotMet = fixedError('EOrder:Order minimum not met');
export const costMinimumNotMet = fixedError('EOrder:Cost minimum not met');
export const wouldTake = fixedError('EOrder:Post only order');
export const marginRefused = fixedError('EOrder:Cannot open position');
/** Kraken's documentation says that it refuses an open order's id, and not in which words. */
export const duplicateClientOrderId = fixedError('EOrder:Duplicate client order id');
export const noLiquidity = fixedError('EOrder:Insufficient liquidity');

export const deadlineElapsed = fixedError('EService:Deadline elapsed');
export const marketMode = (mode: string) => new KrakenError(`EService:Market in ${mode} mode`);
