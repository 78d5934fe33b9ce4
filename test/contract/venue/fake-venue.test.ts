import { amount, price } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../support/clocks.ts';
import { FakeVenue, inTurn } from '../../support/fake-venue.ts';
import { btcUsdt, btcUsdtPerpetual } from '../../support/markets.ts';
import type { OutsideOfDesk } from './venue-bench.ts';
import { type ContractFault, type VenueHarness, venueContract } from './venue-contract.ts';

const request = {
  clientOrderId: 'nd1',
  symbol: 'BTC/USDT',
  side: 'buy',
  type: 'market',
  amount: amount('0.1'),
} as const;
const reference = { ...request, sinceMs: 0 };

const unreachable = { status: 'unreachable', latencyMs: 0, cause: { code: 'network', message: 'refused' } } as const;

function inject(venue: FakeVenue, fault: ContractFault): void {
  if (fault === 'lose_request') venue.faults = { place: inTurn({ kind: 'fail_before_accept' }) };
  if (fault === 'lose_answer' || fault === 'fail_after_accept')
    venue.faults = { place: inTurn({ kind: 'lose_answer' }) };
  if (fault === 'partial_fill') venue.faults = { place: inTurn({ kind: 'partial_fill', filled: amount('0.04') }) };
  if (fault === 'lose_cancel_request') venue.faults = { cancel: inTurn({ kind: 'lose_request' }) };
  if (fault === 'lose_cancel_answer') venue.faults = { cancel: inTurn({ kind: 'lose_answer' }) };
  if (fault === 'lose_amend_request') venue.faults = { amend: inTurn({ kind: 'lose_request' }) };
  if (fault === 'lose_amend_answer') venue.faults = { amend: inTurn({ kind: 'lose_answer' }) };
  if (fault === 'no_answer_at_all') venue.faults = { probe: () => unreachable };
  if (fault === 'no_answer_to_questions') venue.faults = { find: () => ({ kind: 'no_answer' }) };
  if (fault === 'no_price') venue.faults = { fetchPrice: () => true };
}

const cannot = {
  settings: 'the fake venue leaves settings to real ones',
  trigger_steps: 'the fake venue rounds no trigger',
};

async function openFake(): Promise<VenueHarness> {
  const clock = createManualClock();
  const venue = new FakeVenue({ clock });
  let at = 100;
  return {
    venue,
    nowMs: clock.nowMs,
    outside: outsideOf(venue, clock),
    movePrice(factor) {
      at *= factor;
      venue.setPrice('BTC/USDT', price(at.toFixed(2)));
    },
    symbol: 'BTC/USDT',
    amount: '0.1',
    inject: (fault) => inject(venue, fault),
    clearFaults: () => {
      venue.faults = {};
    },
    countOrders: (clientOrderId) => venue.ordersWith(clientOrderId).length,
    close: () => {},
  };
}

/** What others do with its account; each takes a moment. */
function outsideOf(venue: FakeVenue, clock: ManualClock): OutsideOfDesk {
  return {
    transfer({ direction, ...movement }) {
      clock.advance(1);
      return direction === 'in' ? venue.account.deposit(movement) : venue.account.withdraw(movement);
    },
    endTransfer: (id) => venue.account.arrive(id),
    buy(size) {
      clock.advance(1);
      venue.placeAsOutsider({ symbol: 'BTC/USDT', side: 'buy', type: 'market', amount: amount(size) });
    },
    chargeFunding() {
      venue.account.payFunding(btcUsdtPerpetual, '-0.01');
      return amount('0.01');
    },
  };
}

venueContract('the fake venue', openFake, cannot);

describe('the fake venue besides', () => {
  it('acts on a delayed request only when its time has come', async () => {
    const clock = createManualClock();
    const venue = new FakeVenue({ clock, faults: { place: inTurn({ kind: 'delay_effect', delayMs: 3_000 }) } });
    expect((await venue.placeOrder(request, btcUsdt)).kind).toBe('unknown');
    expect((await venue.findOrder(reference)).kind).toBe('absent');
    clock.advance(3_000);
    expect((await venue.findOrder(reference)).kind).toBe('found');
  });

  it('makes a second order of a blind repetition after a fill, as a real venue does', async () => {
    const venue = new FakeVenue({ clock: createManualClock() });
    await venue.placeOrder(request, btcUsdt);
    await venue.placeOrder(request, btcUsdt);
    expect(venue.ordersWith('nd1')).toHaveLength(2);
  });

  it('fills the rest of a partial fill, and open orders that the price reaches', async () => {
    const venue = new FakeVenue({
      clock: createManualClock(),
      faults: { place: inTurn({ kind: 'partial_fill', filled: amount('0.04') }) },
    });
    await venue.placeOrder(request, btcUsdt);
    venue.fillRest('nd1');
    await venue.placeOrder({ ...request, clientOrderId: 'nd2', type: 'limit', price: price('90') }, btcUsdt);
    venue.setPrice('BTC/USDT', price('89'));
    expect(venue.orders.map(({ status, fills }) => [status, fills.length])).toEqual([
      ['filled', 2],
      ['filled', 1],
    ]);
  });

  it('can answer from a replica that has not heard of the order', async () => {
    const venue = new FakeVenue({ clock: createManualClock(), faults: { find: inTurn({ kind: 'absent' }) } });
    await venue.placeOrder(request, btcUsdt);
    expect((await venue.findOrder(reference)).kind).toBe('absent');
    expect((await venue.findOrder(reference)).kind).toBe('found');
  });
});
