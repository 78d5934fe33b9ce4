/** What every venue must do behind the port, real or fake: one suite, run on each. */
import {
  add,
  amount,
  compare,
  type Fill,
  isPositive,
  type Market,
  notional,
  notionalOf,
  type OrderReference,
  type OrderRequest,
  type Price,
  price,
  roundToStep,
  type VenueOrder,
  type VenuePort,
  zeroAmount,
  zeroNotional,
} from '@nightdesk/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

/** What can be made to go wrong with the next order, or with the next questions. */
export type ContractFault =
  | 'lose_request'
  | 'lose_answer'
  | 'fail_after_accept'
  | 'partial_fill'
  | 'no_answer_to_questions'
  | 'no_price';

/** A venue under test, with the means to disturb it and to see what it really did. */
export interface VenueHarness {
  venue: VenuePort;
  /** A spot market with a book deep enough for every order of the suite. */
  symbol: string;
  /** Worth more than the market's minimum and less than the account has. */
  amount: string;
  /**
   * Less than the venue takes.
   *
   * @default the market's step, which is less where the minimum is several steps or a worth
   */
  amountTooSmall?: string;
  inject(fault: ContractFault): Promise<void> | void;
  clearFaults(): Promise<void> | void;
  /** How many orders the venue has with this id, from its own books. */
  countOrders(clientOrderId: string): Promise<number> | number;
  close(): Promise<void> | void;
}

/** How far a price must be from the market's to be safely on one side of it: it may move during a test. */
const farBelow = price('0.9');
const farAbove = price('1.05');

export function venueContract(name: string, open: () => Promise<VenueHarness>): void {
  describe(`the venue contract, on ${name}`, () => {
    let harness: VenueHarness;
    let market: Market;
    let nextId = 0;
    beforeAll(async () => {
      harness = await open();
      const found = (await harness.venue.fetchMarkets()).find(({ symbol }) => symbol === harness.symbol);
      if (found === undefined) throw new Error(`${harness.symbol} is not listed`);
      market = found;
    });
    afterEach(() => harness.clearFaults());
    afterAll(() => harness.close());

    const order = (change: Partial<OrderRequest> = {}): OrderRequest => {
      nextId += 1;
      const clientOrderId = `ndcontract${String(nextId).padStart(16, '0')}`;
      return {
        clientOrderId,
        symbol: harness.symbol,
        side: 'buy',
        type: 'market',
        amount: amount(harness.amount),
        ...change,
      };
    };
    const place = (request: OrderRequest) => harness.venue.placeOrder(request, market);
    const find = (request: OrderRequest, change: Partial<OrderReference> = {}) => {
      const { clientOrderId, symbol, side, amount: size } = request;
      const sinceMs = Date.now() - 60_000;
      return harness.venue.findOrder({ clientOrderId, symbol, side, amount: size, sinceMs, ...change }, market);
    };
    const accepted = async (request: OrderRequest): Promise<VenueOrder> => {
      const outcome = await place(request);
      if (outcome.kind !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(outcome)}`);
      return outcome.order;
    };
    /** The price a buyer would pay, times a factor, on the market's grid. */
    const priceAt = async (factor: Price): Promise<Price> => {
      const now = await harness.venue.fetchPrice(market, 'buy');
      return roundToStep(price(notionalOf(amount(now), factor)), market.priceStep, 'down');
    };

    it('lists markets that can be told apart and traded by their steps', async () => {
      const markets = await harness.venue.fetchMarkets();
      expect(new Set(markets.map(({ symbol }) => symbol)).size).toBe(markets.length);
      for (const listed of markets) {
        expect(isPositive(listed.amountStep) && isPositive(listed.priceStep)).toBe(true);
        expect(() => JSON.parse(listed.definition)).not.toThrow();
        expect(listed.kind === 'spot').toBe(listed.settle === undefined);
      }
    });

    it('quotes sellers no higher than buyers', async () => {
      const [ask, bid] = [
        await harness.venue.fetchPrice(market, 'buy'),
        await harness.venue.fetchPrice(market, 'sell'),
      ];
      expect(isPositive(bid)).toBe(true);
      expect(compare(bid, notionalOf(amount(ask), farAbove))).toBeLessThan(0);
    });

    it('fills a market order whole and tells every fill of it', async () => {
      const request = order();
      const placed = await accepted(request);
      expect(placed).toMatchObject({ status: 'filled', clientOrderId: request.clientOrderId });
      expect(placed.filled).toBe(amount(request.amount));
      expect(sizeOf(placed.fills)).toBe(placed.filled);
      expect(placed.cost).toBe(costOf(placed.fills));
      expect(new Set(placed.fills.map(({ tradeId }) => tradeId)).size).toBe(placed.fills.length);
    });

    it('sells too', async () => {
      expect(await accepted(order({ side: 'sell' }))).toMatchObject({ status: 'filled' });
    });

    it('shows an order the same way when asked for it later, by our id or its own', async () => {
      const request = order();
      const placed = await accepted(request);
      for (const reference of [{}, { venueOrderId: placed.venueOrderId }]) {
        const found = await find(request, reference);
        expect(found.kind === 'found' && withoutTimes(found.order)).toEqual(withoutTimes(placed));
      }
    });

    it('keeps a limit order open that the market does not reach', async () => {
      const request = order({ type: 'limit', price: await priceAt(farBelow), timeInForce: 'GTC' });
      expect(await accepted(request)).toMatchObject({ status: 'open', filled: '0', fills: [] });
      expect(await find(request)).toMatchObject({ kind: 'found', order: { status: 'open' } });
    });

    it.each(['IOC', 'FOK'] as const)(
      'ends an order that is %s and cannot fill at once, with nothing filled',
      async (timeInForce) => {
        const placed = await accepted(order({ type: 'limit', price: await priceAt(farBelow), timeInForce }));
        expect(['expired', 'canceled']).toContain(placed.status);
        expect(placed.filled).toBe('0');
      },
    );

    it('rejects a post-only order that would fill', async () => {
      const request = order({ type: 'limit', price: await priceAt(farAbove), timeInForce: 'PO' });
      expect((await place(request)).kind).toBe('rejected');
      expect(await harness.countOrders(request.clientOrderId)).toBe(0);
    });

    it.each([
      ['below the minimum', () => amount(harness.amountTooSmall ?? market.amountStep)],
      ['between the steps', () => add(amount(harness.amount), amount('0.000000001'))],
    ])('rejects an amount %s and has no order then', async (_, size) => {
      const request = order({ amount: size() });
      const outcome = await place(request);
      expect(outcome.kind === 'rejected' && outcome.evidence.code).toMatch(/^[a-z_]+$/);
      expect(await harness.countOrders(request.clientOrderId)).toBe(0);
    });

    it('has no order that was never placed', async () => {
      expect(await find(order())).toMatchObject({ kind: 'absent' });
    });

    it('has one order after the same id was sent twice while the first is open', async () => {
      const request = order({ type: 'limit', price: await priceAt(farBelow) });
      const first = await accepted(request);
      expect((await accepted(request)).venueOrderId).toBe(first.venueOrderId);
      expect(await harness.countOrders(request.clientOrderId)).toBe(1);
    });

    it('takes many orders at once, each for itself', async () => {
      const requests = Array.from({ length: 20 }, () => order());
      const placed = await Promise.all(requests.map(accepted));
      expect(placed.map(({ clientOrderId }) => clientOrderId)).toEqual(
        requests.map(({ clientOrderId }) => clientOrderId),
      );
    });

    it.each([
      ['was lost', 'lose_answer'],
      ['is an error of the server', 'fail_after_accept'],
    ] as const)('does not know of an order whose answer %s, and finds it when asked', async (_, fault) => {
      await harness.inject(fault);
      const request = order();
      expect((await place(request)).kind).toBe('unknown');
      expect(await harness.countOrders(request.clientOrderId)).toBe(1);
      await harness.clearFaults();
      expect(await find(request)).toMatchObject({ kind: 'found', order: { status: 'filled', filled: request.amount } });
    });

    it('does not know of an order whose request was lost, and shows that there is none', async () => {
      await harness.inject('lose_request');
      const request = order();
      expect((await place(request)).kind).toBe('unknown');
      expect(await harness.countOrders(request.clientOrderId)).toBe(0);
      await harness.clearFaults();
      expect(await find(request)).toMatchObject({ kind: 'absent' });
    });

    it('shows an order that is filled in parts as open, with the part', async () => {
      await harness.inject('partial_fill');
      const placed = await accepted(order());
      expect(placed.status).toBe('open');
      expect(isPositive(placed.filled) && compare(placed.filled, harness.amount) < 0).toBe(true);
      expect(sizeOf(placed.fills)).toBe(placed.filled);
    });

    it('never says absent when it gets no answer', async () => {
      const request = order();
      await harness.inject('no_answer_to_questions');
      expect((await find(request)).kind).toBe('unknown');
    });

    it('throws rather than invent a price', async () => {
      await harness.inject('no_price');
      await expect(harness.venue.fetchPrice(market, 'buy')).rejects.toMatchObject({ name: 'VenueError' });
    });

    it('says how long an order may still appear', () => {
      expect(harness.venue.settlingMs).toBeGreaterThan(0);
      expect(harness.venue.settlingMs).toBeLessThanOrEqual(30_000);
    });
  });
}

const sizeOf = (fills: readonly Fill[]) => fills.reduce((sum, fill) => add(sum, fill.amount), zeroAmount);
const costOf = (fills: readonly Fill[]) =>
  notional(fills.reduce((sum, fill) => add(sum, notionalOf(fill.amount, fill.price)), zeroNotional));

/** A fill inside the answer to placing carries the order's time, and later its own. */
const withoutTimes = (order: VenueOrder) => ({ ...order, fills: order.fills.map(({ atMs: _, ...fill }) => fill) });
