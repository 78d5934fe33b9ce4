import {
  type Amount,
  add,
  amount,
  type Balance,
  compare,
  isPositive,
  type Market,
  type MarketKind,
  notional,
  notionalOf,
  type Position,
  subtract,
  type VenueOrder,
  zeroAmount,
} from '@nightdesk/core';
import { expect, it } from 'vitest';
import { farAbove, type VenueBench } from './venue-bench.ts';

/** What an account has, before and after it trades. */
export function accountContract(bench: VenueBench): void {
  const changeTest = bench.testOf('balance_changes');

  it('tells balances whose free and used part make the whole', async () => {
    const balances = await bench.venue.fetchBalances();
    expect(balances.length).toBeGreaterThan(0);
    for (const { total, free, used } of balances) {
      if (free !== undefined && used !== undefined) expect(add(free, used)).toBe(total);
    }
  });

  changeTest('shows what an order spent and bought, fees included', async () => {
    const { base, quote, kind } = bench.market;
    if (kind !== 'spot') return;
    const before = await bench.venue.fetchBalances();
    const order = await bench.accepted(bench.order());
    const after = await bench.venue.fetchBalances();
    const cost = amount(
      order.fills.reduce((sum, fill) => add(sum, notionalOf(fill.amount, fill.price)), notional('0')),
    );
    expect(changeOf(base, before, after)).toBe(subtract(order.filled, feesIn(base, order)));
    expect(changeOf(quote, before, after)).toBe(subtract(zeroAmount, add(cost, feesIn(quote, order))));
  });

  /** A resting order that does not close what earlier tests have sold short, for which nothing is held. */
  const enlarging = async () => {
    const positions = bench.market.kind === 'spot' ? [] : await bench.venue.fetchPositions([bench.market]);
    if (!positions.some(({ side }) => side === 'short')) return bench.restingOrder();
    const price = await bench.priceAt(farAbove);
    return bench.order({ side: 'sell', type: 'limit', price, timeInForce: 'GTC' });
  };

  changeTest('shows what a resting order holds, until it is canceled', async () => {
    const spent = bench.market.kind === 'spot' ? bench.market.quote : (bench.market.settle ?? '');
    const usedOf = (balances: readonly Balance[]) => balances.find(({ asset }) => asset === spent)?.used;
    const before = usedOf(await bench.venue.fetchBalances());
    const request = await enlarging();
    const { venueOrderId } = await bench.accepted(request);
    const held = usedOf(await bench.venue.fetchBalances());
    await bench.cancel(request, { venueOrderId });
    if (before === undefined || held === undefined) return;
    expect(isPositive(subtract(held, before))).toBe(true);
    expect(compare(usedOf(await bench.venue.fetchBalances()) ?? '0', held)).toBe(-1);
  });

  const listsOrder = async (which: Market | MarketKind) => {
    const request = await bench.restingOrder();
    const { venueOrderId } = await bench.accepted(request);
    const open = await bench.venue.fetchOpenOrders(which);
    const listed = open.find((order) => order.venueOrderId === venueOrderId);
    const { symbol, side, amount: size, price } = request;
    expect(listed).toMatchObject({ status: 'open', symbol, side, amount: size, price });
    await bench.cancel(request, { venueOrderId });
    const left = await bench.venue.fetchOpenOrders(bench.market);
    expect(left.map((order) => order.venueOrderId)).not.toContain(venueOrderId);
  };
  bench.testOf('cancel')('lists an open order as it was placed, until it is canceled', () => listsOrder(bench.market));
  bench.testOf('all_open_orders')('lists it among those of all markets of its kind too', () =>
    listsOrder(bench.market.kind),
  );

  bench.testOf('positions')('shows a position that grows and shrinks by what is filled', async () => {
    const sizes: Amount[] = [];
    const observe = async () => sizes.push(signedSize(await bench.venue.fetchPositions([bench.market])));
    await observe();
    const { filled } = await bench.accepted(bench.order());
    await observe();
    await bench.accepted(bench.order({ side: 'sell' }));
    await observe();
    const [before, grown, shrunk] = sizes;
    const change = bench.market.kind === 'spot' ? zeroAmount : filled;
    expect(grown).toBe(add(before ?? zeroAmount, change));
    expect(shrunk).toBe(before);
  });
}

/** Long above zero, short below. */
const signedSize = (positions: readonly Position[]): Amount =>
  positions.reduce(
    (sum, { side, amount: size }) => (side === 'long' ? add(sum, size) : subtract(sum, size)),
    zeroAmount,
  );

const totalOf = (asset: string, balances: readonly Balance[]): Amount =>
  balances.find((balance) => balance.asset === asset)?.total ?? zeroAmount;

const changeOf = (asset: string, before: readonly Balance[], after: readonly Balance[]): Amount =>
  subtract(totalOf(asset, after), totalOf(asset, before));

const feesIn = (asset: string, { fills }: VenueOrder): Amount =>
  fills.reduce((sum, { fee }) => (fee?.asset === asset ? add(sum, fee.amount) : sum), zeroAmount);
