/** What venues answer to orders that they cannot or will not take, in their own words, and what each means here. */
import { amount, type OrderRequest, type PlaceOutcome, price } from '@nightdesk/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { answerWith, marketOf, type RecordedVenue } from '../support/recorded-payloads.ts';
import type { ScriptedAnswer } from '../support/scripted-server.ts';
import { type BuiltVenueLayer, openVenueLayer } from '../support/venue-layer.ts';

interface Refusal {
  venue: 'binance' | 'kraken' | 'bybit';
  situation: string;
  answer: { status?: number; body: unknown };
  /** Certain that there is no order, or not. */
  kind: 'rejected' | 'unknown';
  code: string;
}

const binance = (status: number, code: number, msg: string) => ({ status, body: { code, msg } });
const kraken = (error: string) => ({ body: { error: [error] } });
const bybit = (retCode: number, retMsg: string) => ({ body: { retCode, retMsg, result: {}, retExtInfo: {}, time: 1 } });

const rejected = { kind: 'rejected' } as const;
const unknown = { kind: 'unknown' } as const;

const refusals: Refusal[] = [
  {
    ...{
      venue: 'binance',
      situation: 'our clock is off by 30 s, and so is theirs',
      ...rejected,
      code: 'clock_refused',
    },
    answer: binance(400, -1021, 'Timestamp for this request is outside of the recvWindow.'),
  },
  {
    ...{ venue: 'kraken', situation: 'our clock is off by 30 s', ...rejected, code: 'clock_refused' },
    answer: kraken('EService:Deadline elapsed'),
  },
  {
    ...{ venue: 'bybit', situation: 'our clock is off by 30 s, and so is theirs', ...rejected, code: 'clock_refused' },
    answer: bybit(10_002, 'invalid request, please check your server timestamp or recv_window param.'),
  },
  {
    ...{ venue: 'binance', situation: 'the venue is in maintenance', ...unknown, code: 'maintenance' },
    answer: binance(400, 1, 'System is under maintenance.'),
  },
  {
    ...{ venue: 'kraken', situation: 'the venue is in maintenance', ...rejected, code: 'maintenance' },
    answer: kraken('EService:Market in cancel_only mode'),
  },
  {
    ...{ venue: 'kraken', situation: 'the venue does not say why it is away', ...unknown, code: 'unavailable' },
    answer: kraken('EService:Unavailable'),
  },
  {
    ...{ venue: 'bybit', situation: 'the venue is in maintenance', ...unknown, code: 'maintenance' },
    answer: bybit(10_016, 'System under maintenance, please try again later.'),
  },
  {
    ...{ venue: 'binance', situation: 'the market was delisted', ...rejected, code: 'bad_symbol' },
    answer: binance(400, -1121, 'Invalid symbol.'),
  },
  {
    ...{ venue: 'binance', situation: 'the market is halted', ...rejected, code: 'market_closed' },
    answer: binance(400, -1013, 'Market is closed.'),
  },
  {
    ...{ venue: 'kraken', situation: 'the market was delisted', ...rejected, code: 'bad_symbol' },
    answer: kraken('EQuery:Unknown asset pair'),
  },
  {
    ...{ venue: 'bybit', situation: 'the market was delisted', ...rejected, code: 'bad_symbol' },
    answer: bybit(10_001, 'params error: symbol invalid'),
  },
  {
    ...{ venue: 'bybit', situation: 'the contract is not live any more', ...rejected, code: 'market_unavailable' },
    answer: bybit(110_074, 'This contract is not live'),
  },
  {
    ...{ venue: 'binance', situation: 'the key may not trade, is revoked or bound elsewhere', ...rejected },
    code: 'authentication_failed',
    answer: binance(401, -2015, 'Invalid API-key, IP, or permissions for action.'),
  },
  {
    ...{ venue: 'kraken', situation: 'the key may not trade', ...rejected, code: 'permission_denied' },
    answer: kraken('EGeneral:Permission denied'),
  },
  {
    ...{ venue: 'bybit', situation: 'the key may not trade', ...rejected, code: 'permission_denied' },
    answer: bybit(10_005, 'Permission denied, please check your API key permissions.'),
  },
  {
    ...{ venue: 'bybit', situation: 'the key is bound to another address', ...rejected, code: 'permission_denied' },
    answer: bybit(10_010, 'Unmatched IP, please check your API key’s bound IP addresses.'),
  },
  {
    ...{ venue: 'binance', situation: 'the signature is wrong', ...rejected, code: 'authentication_failed' },
    answer: binance(400, -1022, 'Signature for this request is not valid.'),
  },
  {
    ...{ venue: 'kraken', situation: 'the signature is wrong', ...rejected, code: 'authentication_failed' },
    answer: kraken('EAPI:Invalid signature'),
  },
  {
    ...{ venue: 'bybit', situation: 'the signature is wrong', ...rejected, code: 'authentication_failed' },
    answer: bybit(10_004, 'error sign! origin_string[...]'),
  },
  {
    ...{ venue: 'kraken', situation: 'a nonce came too late, twice', ...rejected, code: 'nonce_refused' },
    answer: kraken('EAPI:Invalid nonce'),
  },
  {
    ...{ venue: 'binance', situation: 'the balance is too small', ...rejected, code: 'insufficient_funds' },
    answer: binance(400, -2010, 'Account has insufficient balance for requested action.'),
  },
  {
    ...{ venue: 'kraken', situation: 'the balance is too small', ...rejected, code: 'insufficient_funds' },
    answer: kraken('EOrder:Insufficient funds'),
  },
  {
    ...{ venue: 'bybit', situation: 'the balance is too small', ...rejected, code: 'insufficient_funds' },
    answer: bybit(110_007, 'ab not enough for new order'),
  },
  {
    ...{ venue: 'binance', situation: 'the server does not know what it did', ...unknown, code: 'timeout' },
    answer: binance(400, -1007, 'Timeout waiting for response from backend server. Send status unknown.'),
  },
  {
    ...{ venue: 'bybit', situation: 'the server does not know what it did', ...unknown, code: 'timeout' },
    answer: bybit(10_000, 'Server Timeout'),
  },
];

const request: OrderRequest = {
  ...{ clientOrderId: 'nd0123456789abcdefghjkmnpq', symbol: 'BTC/USDT', side: 'buy', type: 'limit' },
  ...{ amount: amount('0.01'), price: price('60000') },
};

describe('an order that the venue does not take', () => {
  let layer: BuiltVenueLayer;
  let recorded: RecordedVenue;
  beforeAll(async () => {
    layer = await openVenueLayer();
  });
  afterAll(() => layer.remove());
  afterEach(() => recorded.server.close());

  async function place(venue: string, answer: ScriptedAnswer): Promise<PlaceOutcome> {
    recorded = await answerWith(layer, venue, {});
    recorded.server.script = () => answer;
    return recorded.venue.placeOrder(request, marketOf({ venue, venueSymbol: 'BTCUSDT', base: 'BTC', quote: 'USDT' }));
  }

  it.each(refusals)('is $kind as $code at $venue when $situation', async ({ venue, answer, kind, code }) => {
    const outcome = await place(venue, answer);
    const cause =
      outcome.kind === 'rejected' ? outcome.evidence : outcome.kind === 'unknown' ? outcome.cause : undefined;
    expect([outcome.kind, cause?.code]).toEqual([kind, code]);
  });

  it.each(['binance', 'kraken', 'bybit'])('is not sent to %s while its market does not trade', async (venue) => {
    recorded = await answerWith(layer, venue, {});
    const market = marketOf({ venue, venueSymbol: 'BTCUSDT', base: 'BTC', quote: 'USDT' });
    expect(await recorded.venue.placeOrder(request, { ...market, active: false })).toMatchObject({
      kind: 'rejected',
      evidence: { code: 'market_unavailable' },
    });
    expect(recorded.server.requests).toEqual([]);
  });

  it('is never certain to be missing when the same words come with a status of the server', async () => {
    const outcome = await place('kraken', { ...kraken('EOrder:Insufficient funds'), status: 503 });
    expect(outcome.kind).toBe('unknown');
  });
});
