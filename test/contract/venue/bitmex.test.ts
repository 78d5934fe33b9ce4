import type { VenueId } from '@nightdesk/core';
import { createVenue } from '@nightdesk/exchange';
import { refusal } from '../../support/bitmex-answers.ts';
import { createPassingClock } from '../../support/clocks.ts';
import { exampleKey, startRecordedBitmex } from '../../support/recorded-bitmex.ts';
import type { RecordedFault } from '../../support/recorded-venue.ts';
import { openVenueLayer } from '../../support/venue-layer.ts';
import { type ContractFault, venueContract } from './venue-contract.ts';

const orders = 'POST /api/v1/order';
const overloaded = { status: 503, body: refusal('The system is currently overloaded. Please try again later.') };

const faults: Partial<Record<ContractFault, [route: string, fault: RecordedFault]>> = {
  lose_request: [orders, { kind: 'drop-request' }],
  lose_answer: [orders, { kind: 'drop-answer' }],
  fail_after_accept: [orders, { kind: 'error-after', answer: overloaded }],
  lose_cancel_request: ['DELETE /api/v1/order', { kind: 'drop-request' }],
  lose_cancel_answer: ['DELETE /api/v1/order', { kind: 'drop-answer' }],
  lose_amend_request: ['PUT /api/v1/order', { kind: 'drop-request' }],
  lose_amend_answer: ['PUT /api/v1/order', { kind: 'drop-answer' }],
  no_answer_at_all: ['GET *', { kind: 'drop-request' }],
  no_answer_to_questions: ['GET *', { kind: 'error-before', answer: overloaded }],
  no_price: ['GET /api/v1/orderBook/L2', { kind: 'garbage' }],
};

const fillsAtOnce = 'the recorded venue fills an order with a trigger at once';
const cannot = {
  stop: fillsAtOnce,
  stop_limit: fillsAtOnce,
  take_profit: fillsAtOnce,
  reduce_only: 'the recorded venue fills whatever it takes',
  candles: 'one candle is recorded',
  public_trades: 'no trade of the market is recorded',
  balance_changes: 'the recorded balances stay as they are',
  many_trades: 'BitMEX takes fewer orders in that time',
  outsider: 'nobody else trades at the recorded venue',
  transfers: 'no transfer is recorded',
  funding_payments: 'no funding is recorded',
};

venueContract(
  'our own bitmex at recorded answers',
  async () => {
    const layer = await openVenueLayer();
    const clock = createPassingClock();
    const bitmex = await startRecordedBitmex(() => clock.nowMs());
    const venue = await createVenue({
      venue: 'bitmex' as VenueId,
      directory: layer.directory,
      credentials: exampleKey,
      mode: 'sandbox',
      exchangeConfig: { baseUrl: bitmex.url, timeoutMs: 2_000 },
      clock,
    });
    return {
      venue,
      symbol: 'BTC/USDT',
      amount: '0.01',
      // A lot is both the step and the minimum.
      amountTooSmall: '0.000005',
      inject(fault) {
        const recorded = faults[fault];
        if (recorded === undefined) bitmex.fillRatio = 0.4;
        else bitmex.inject(...recorded);
      },
      clearFaults() {
        bitmex.clearFaults();
        bitmex.fillRatio = 1;
        // The suite asks more in a few seconds than BitMEX allows in a minute.
        clock.passMinute();
      },
      // BitMEX keeps a post-only order that would have filled, as one that was canceled before it was in the book.
      countOrders: (clientOrderId) =>
        bitmex.orders.filter(({ clOrdID, text }) => clOrdID === clientOrderId && !/Participate/.test(String(text)))
          .length,
      async close() {
        await bitmex.close();
        layer.remove();
      },
    };
  },
  cannot,
);
