import { readings } from '@nightdesk/exchange/outcome.ts';
import { describe, expect, it } from 'vitest';
import { order, refusal } from '../../support/bitmex-answers.ts';
import { createBitmexClient } from '../../support/bitmex-client.ts';

const client = createBitmexClient();

interface Answer {
  status: number;
  method?: string;
  body: unknown;
  headers?: object;
}

/** As ccxt reads an answer: the venue's own word first, then the status. */
function read({ status, method = 'POST', body, headers = {} }: Answer): void {
  const text = JSON.stringify(body);
  client.handleErrors(status, '', 'https://www.bitmex.com/api/v1/order', method, headers, text, body);
  client.handleHttpStatusCode(status, '', '', method, text);
}

const nameOf = (answer: Answer): string => {
  try {
    read(answer);
    return 'none';
  } catch (error) {
    return (error as Error).name;
  }
};

describe('an error of BitMEX', () => {
  it.each([
    [400, 'Duplicate clOrdID', 'DuplicateOrderId', 'duplicate'],
    [400, 'Account has insufficient Available Balance, 1500 XBt required', 'InsufficientFunds', 'rejected'],
    [400, 'Account has no XBt', 'InsufficientFunds', 'rejected'],
    [400, 'Account is suspended', 'AccountSuspended', 'rejected'],
    [400, 'Invalid symbol', 'BadSymbol', 'rejected'],
    [400, 'Invalid price tickSize', 'InvalidOrder', 'rejected'],
    [400, 'Invalid orderQty', 'InvalidOrder', 'rejected'],
    [400, 'Unsupported execInst', 'InvalidOrder', 'rejected'],
    [400, 'Instrument expired', 'ContractUnavailable', 'rejected'],
    [400, 'Market is not open', 'MarketClosed', 'rejected'],
    [400, 'Position is in liquidation', 'OperationRejected', 'rejected'],
    [400, 'Value of position and orders exceeds position Risk Limit', 'OperationRejected', 'rejected'],
    [400, 'startTime is invalid', 'BadRequest', 'rejected'],
    [400, 'words never seen before', 'BadRequest', 'rejected'],
    [401, 'Signature not valid.', 'AuthenticationError', 'rejected'],
    [401, 'Invalid API Key.', 'AuthenticationError', 'rejected'],
    [401, 'This request has expired - `expires` is in the past. Current time: 1518064236', 'InvalidNonce', 'rejected'],
    [403, 'Access Denied', 'PermissionDenied', 'rejected'],
    [403, 'This key is disabled.', 'PermissionDenied', 'rejected'],
    [404, 'Not Found', 'OrderNotFound', 'unknown'],
    [429, 'Rate limit exceeded, retry in 1 seconds.', 'RateLimitExceeded', 'unknown'],
    [500, 'Internal Server Error', 'ExchangeNotAvailable', 'unknown'],
    [503, 'The system is currently overloaded. Please try again later.', 'ExchangeNotAvailable', 'unknown'],
  ])('of status %i that says "%s" is %s, and the order %s', (status, message, name, meaning) => {
    expect(nameOf({ status, body: refusal(message) })).toBe(name);
    expect(readings[name]?.meaning).toBe(meaning);
  });

  it('of status 429 says when to come back', () => {
    const answer = { status: 429, body: refusal('Rate limit exceeded'), headers: { 'retry-after': '17' } };
    expect(() => read(answer)).toThrow(/retry after 17 s/);
  });

  it.each([
    [
      'a post-only order that would have filled',
      { ordStatus: 'Canceled', text: 'Canceled: Order had execInst of ParticipateDoNotInitiate\nSubmitted via API.' },
      'OrderImmediatelyFillable',
    ],
    ['an order that was rejected', { ordStatus: 'Rejected', ordRejReason: 'Account has no XBt' }, 'InvalidOrder'],
    ['an order that does not exist', { ordStatus: 'Rejected', ordRejReason: 'Invalid orderID' }, 'OrderNotFound'],
    [
      'an IOC order that found nobody',
      { ordStatus: 'Canceled', text: 'Canceled: Order had timeInForce of ImmediateOrCancel' },
      'none',
    ],
  ])('inside an answer of status 200: %s', (_, change, name) => {
    expect(nameOf({ status: 200, body: { ...order, ...change } })).toBe(name);
  });

  it('inside the list that canceling is answered with', () => {
    const error = 'Unable to cancel order due to existing state: Filled';
    expect(nameOf({ status: 200, method: 'DELETE', body: [{ ...order, error }] })).toBe('OrderNotFound');
    expect(nameOf({ status: 200, method: 'DELETE', body: [order] })).toBe('none');
  });

  it('is not seen in orders of the past that were refused', () => {
    const refused = { ...order, ordStatus: 'Rejected', ordRejReason: 'Account has no XBt' };
    expect(nameOf({ status: 200, method: 'GET', body: [refused] })).toBe('none');
  });
});
