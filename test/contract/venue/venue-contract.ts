/** What every venue must do behind the port, real or fake: one suite, run on each. */
import {
  add,
  amount,
  compare,
  type Fill,
  isPositive,
  notional,
  notionalOf,
  type VenueOrder,
  zeroAmount,
  zeroNotional,
} from '@nightdesk/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { accountContract } from './account-contract.ts';
import { amendContract, prepareContract } from './amend-contract.ts';
import { cancelContract } from './cancel-contract.ts';
import { historyContract } from './history-contract.ts';
import { marketDataContract } from './market-data-contract.ts';
import { reconciliationContract } from './reconciliation-contract.ts';
import { statusContract } from './status-contract.ts';
import { termsContract } from './terms-contract.ts';
import { farAbove, farBelow, type Inabilities, VenueBench, type VenueHarness } from './venue-bench.ts';

export type { ContractFault, VenueHarness } from './venue-bench.ts';

/** A venue that takes requests for longer than this could not be traded at with any certainty. */
const settlingMsMax = 15 * 60_000;

/** @param cannot what the venue cannot do, and why */
export function venueContract(name: string, open: () => Promise<VenueHarness>, cannot: Inabilities = {}): void {
  describe(`the venue contract, on ${name}`, () => {
    const bench = new VenueBench(cannot);
    beforeAll(() => bench.open(open));
    afterEach(() => bench.harness.clearFaults());
    afterAll(() => bench.harness.close());

    listingContract(bench);
    placingContract(bench);
    doubtContract(bench);
    cancelContract(bench);
    termsContract(bench);
    amendContract(bench);
    prepareContract(bench);
    marketDataContract(bench);
    historyContract(bench);
    accountContract(bench);
    reconciliationContract(bench);
    statusContract(bench);
  });
}

/** What a venue lists and asks. */
function listingContract(bench: VenueBench): void {
  it('lists markets that can be told apart and traded by their steps', async () => {
    const markets = await bench.venue.fetchMarkets();
    expect(new Set(markets.map(({ symbol }) => symbol)).size).toBe(markets.length);
    for (const listed of markets) {
      expect(isPositive(listed.amountStep) && isPositive(listed.priceStep)).toBe(true);
      expect(() => JSON.parse(listed.definition)).not.toThrow();
      expect(listed.kind === 'spot').toBe(listed.settle === undefined);
    }
  });

  it('quotes sellers no higher than buyers', async () => {
    const [ask, bid] = [
      await bench.venue.fetchPrice(bench.market, 'buy'),
      await bench.venue.fetchPrice(bench.market, 'sell'),
    ];
    expect(isPositive(bid)).toBe(true);
    expect(compare(bid, notionalOf(amount(ask), farAbove))).toBeLessThan(0);
  });

  it('throws rather than invent a price', async () => {
    await bench.harness.inject('no_price');
    await expect(bench.venue.fetchPrice(bench.market, 'buy')).rejects.toMatchObject({ name: 'VenueError' });
  });

  it('says how long an order may still appear', () => {
    expect(bench.venue.settlingMs).toBeGreaterThan(0);
    expect(bench.venue.settlingMs).toBeLessThanOrEqual(settlingMsMax);
  });
}

/** What becomes of orders that reach the venue. */
function placingContract(bench: VenueBench): void {
  it('fills a market order whole and tells every fill of it', async () => {
    const request = bench.order();
    const placed = await bench.accepted(request);
    expect(placed).toMatchObject({ status: 'filled', clientOrderId: request.clientOrderId });
    expect(placed.filled).toBe(amount(request.amount));
    expect(sizeOf(placed.fills)).toBe(placed.filled);
    expect(placed.cost).toBe(costOf(placed.fills));
    expect(new Set(placed.fills.map(({ tradeId }) => tradeId)).size).toBe(placed.fills.length);
  });

  it('sells too', async () => {
    expect(await bench.accepted(bench.order({ side: 'sell' }))).toMatchObject({ status: 'filled' });
  });

  it('shows an order the same way when asked for it later, by our id or its own', async () => {
    const request = bench.order();
    const placed = await bench.accepted(request);
    for (const reference of [{}, { venueOrderId: placed.venueOrderId }]) {
      const found = await bench.find(request, reference);
      expect(found.kind === 'found' && withoutTimes(found.order)).toEqual(withoutTimes(placed));
    }
  });

  it('keeps a limit order open that the market does not reach', async () => {
    const request = await bench.restingOrder();
    expect(await bench.accepted(request)).toMatchObject({ status: 'open', filled: '0', fills: [] });
    expect(await bench.find(request)).toMatchObject({ kind: 'found', order: { status: 'open' } });
  });

  const endsAtOnce = async (timeInForce: 'IOC' | 'FOK') => {
    const placed = await bench.accepted(
      bench.order({ type: 'limit', price: await bench.priceAt(farBelow), timeInForce }),
    );
    expect(['expired', 'canceled']).toContain(placed.status);
    expect(placed.filled).toBe('0');
  };
  it('ends an order that is IOC and cannot fill at once, with nothing filled', () => endsAtOnce('IOC'));
  bench.testOf('fill_or_kill')('ends an order that is FOK and cannot fill at once, with nothing filled', () =>
    endsAtOnce('FOK'),
  );

  it('fills nothing of a post-only order that would fill', async () => {
    const request = bench.order({ type: 'limit', price: await bench.priceAt(farAbove), timeInForce: 'PO' });
    const outcome = await bench.place(request);
    // Some venues take such an order, and end it before it meets another.
    if (outcome.kind === 'accepted') {
      expect(['canceled', 'rejected', 'expired']).toContain(outcome.order.status);
      expect(outcome.order.filled).toBe('0');
    } else {
      expect(outcome.kind).toBe('rejected');
      expect(await bench.harness.countOrders(request.clientOrderId)).toBe(0);
    }
  });

  it.each([
    ['below the minimum', () => amount(bench.harness.amountTooSmall ?? bench.market.amountStep)],
    ['between the steps', () => add(amount(bench.harness.amount), amount('0.000000001'))],
  ])('rejects an amount %s and has no order then', async (_, size) => {
    const request = bench.order({ amount: size() });
    const outcome = await bench.place(request);
    expect(outcome.kind === 'rejected' && outcome.evidence.code).toMatch(/^[a-z_]+$/);
    expect(await bench.harness.countOrders(request.clientOrderId)).toBe(0);
  });

  it('has no order that was never placed', async () => {
    expect(await bench.find(bench.order())).toMatchObject({ kind: 'absent' });
  });

  it('has one order after the same id was sent twice while the first is open', async () => {
    const request = bench.order({ type: 'limit', price: await bench.priceAt(farBelow) });
    const first = await bench.accepted(request);
    expect((await bench.accepted(request)).venueOrderId).toBe(first.venueOrderId);
    expect(await bench.harness.countOrders(request.clientOrderId)).toBe(1);
  });

  it('takes many orders at once, each for itself', async () => {
    const requests = Array.from({ length: 20 }, () => bench.order());
    const placed = await Promise.all(requests.map((request) => bench.accepted(request)));
    expect(placed.map(({ clientOrderId }) => clientOrderId)).toEqual(
      requests.map(({ clientOrderId }) => clientOrderId),
    );
  });
}

/** What is known of orders when requests and answers are lost. */
function doubtContract(bench: VenueBench): void {
  it.each([
    ['was lost', 'lose_answer'],
    ['is an error of the server', 'fail_after_accept'],
  ] as const)('does not know of an order whose answer %s, and finds it when asked', async (_, fault) => {
    await bench.harness.inject(fault);
    const request = bench.order();
    expect((await bench.place(request)).kind).toBe('unknown');
    expect(await bench.harness.countOrders(request.clientOrderId)).toBe(1);
    await bench.harness.clearFaults();
    expect(await bench.find(request)).toMatchObject({
      kind: 'found',
      order: { status: 'filled', filled: request.amount },
    });
  });

  it('does not know of an order whose request was lost, and shows that there is none', async () => {
    await bench.harness.inject('lose_request');
    const request = bench.order();
    expect((await bench.place(request)).kind).toBe('unknown');
    expect(await bench.harness.countOrders(request.clientOrderId)).toBe(0);
    await bench.harness.clearFaults();
    expect(await bench.find(request)).toMatchObject({ kind: 'absent' });
  });

  bench.testOf('partial_fill')('shows an order that is filled in parts as open, with the part', async () => {
    await bench.harness.inject('partial_fill');
    const placed = await bench.accepted(bench.order());
    expect(placed.status).toBe('open');
    expect(isPositive(placed.filled) && compare(placed.filled, bench.harness.amount) < 0).toBe(true);
    expect(sizeOf(placed.fills)).toBe(placed.filled);
  });

  it('never says absent when it gets no answer', async () => {
    const request = bench.order();
    await bench.harness.inject('no_answer_to_questions');
    expect((await bench.find(request)).kind).toBe('unknown');
  });
}

const sizeOf = (fills: readonly Fill[]) => fills.reduce((sum, fill) => add(sum, fill.amount), zeroAmount);
const costOf = (fills: readonly Fill[]) =>
  notional(fills.reduce((sum, fill) => add(sum, notionalOf(fill.amount, fill.price)), zeroNotional));

/** A fill inside the answer to placing carries the order's time, and later its own. */
const withoutTimes = (order: VenueOrder) => ({ ...order, fills: order.fills.map(({ atMs: _, ...fill }) => fill) });
