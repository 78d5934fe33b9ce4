/** What a venue tells by which the desk's books are compared with the account: trades, transfers, funding, wallets. */
import {
  type Amount,
  add,
  amount,
  compare,
  isPositive,
  type OwnTrade,
  subtract,
  type Transfer,
  type VenueOrder,
  zeroAmount,
} from '@nightdesk/core';
import { expect, it } from 'vitest';
import type { OutsideTransfer, VenueBench } from './venue-bench.ts';

const secondMs = 1_000;
const minuteMs = 60_000;
const ordersAtOnce = 20;
/** More trades than any of the venues tells with one answer, unless asked for more. */
const batches = 3;

export function reconciliationContract(bench: VenueBench): void {
  ownTradesContract(bench);
  transfersContract(bench);
  fundingContract(bench);
  walletsContract(bench);
  switchContract(bench);
}

function ownTradesContract(bench: VenueBench): void {
  const tradesTest = bench.testOf('own_trades');

  tradesTest('tells trades since a time as their orders tell them, oldest first', async () => {
    const sinceMs = bench.nowMs();
    const placed = [await bench.accepted(bench.order()), await bench.accepted(bench.order({ side: 'sell' }))];
    const trades = await bench.venue.fetchOwnTrades(bench.market, sinceMs);
    expect(ofOrders(trades, placed)).toEqual(
      placed.flatMap(({ venueOrderId, fills }, index) =>
        fills.map(({ atMs: _, ...fill }) => ({ venueOrderId, side: index === 0 ? 'buy' : 'sell', ...fill })),
      ),
    );
    const timesMs = trades.map(({ atMs }) => atMs);
    expect(timesMs).toEqual(timesMs.toSorted((left, right) => left - right));
    for (const trade of trades) {
      expect(trade.symbol).toBe(bench.market.symbol);
      expect(trade.atMs).toBeGreaterThanOrEqual(sinceMs);
    }
  });

  tradesTest('tells no trade from before the time that is asked for', async () => {
    const placed = await bench.accepted(bench.order());
    const told = await bench.venue.fetchOwnTrades(bench.market, bench.nowMs() - minuteMs);
    const lastMs = Math.max(...told.map(({ atMs }) => atMs));
    expect(ofOrders(told, [placed])).not.toEqual([]);
    expect(await bench.venue.fetchOwnTrades(bench.market, lastMs + 1)).toEqual([]);
  });

  tradesTest('tells of all markets of a kind at once, where it says so', async () => {
    if (!bench.venue.tradesOfAllMarkets) return;
    const sinceMs = bench.nowMs();
    const placed = [await bench.accepted(bench.order())];
    const all = await bench.venue.fetchOwnTrades(bench.market.kind, sinceMs);
    expect(ofOrders(all, placed)).toEqual(ofOrders(await bench.venue.fetchOwnTrades(bench.market, sinceMs), placed));
    expect(ofOrders(all, placed)).not.toEqual([]);
  });

  bench.testOf('many_trades')('leaves no trade out where there are more than it tells at once', async () => {
    const sinceMs = bench.nowMs();
    const placed: VenueOrder[] = [];
    for (let batch = 0; batch < batches; batch++) {
      const requests = Array.from({ length: ordersAtOnce }, () => bench.order());
      placed.push(...(await Promise.all(requests.map((request) => bench.accepted(request)))));
    }
    const told = ofOrders(await bench.venue.fetchOwnTrades(bench.market, sinceMs), placed);
    const sum = (amounts: readonly Amount[]) => amounts.reduce((whole, each) => add(whole, each), zeroAmount);
    expect(new Set(told.map(({ tradeId }) => tradeId)).size).toBe(told.length);
    expect(sum(told.map((trade) => trade.amount))).toBe(sum(placed.map(({ filled }) => filled)));
  });

  bench.testOf('outsider')(
    'tells the trades of somebody else with the same key, under an order that is not ours',
    async () => {
      const sinceMs = bench.nowMs();
      const known = (await bench.venue.fetchOwnTrades(bench.market, sinceMs)).map(({ tradeId }) => tradeId);
      await bench.outside.buy(bench.harness.amount);
      const told = await bench.venue.fetchOwnTrades(bench.market, sinceMs);
      const trades = told.filter(({ tradeId }) => !known.includes(tradeId));
      expect(trades.reduce((sum, trade) => add(sum, trade.amount), zeroAmount)).toBe(amount(bench.harness.amount));
      for (const { clientOrderId = '' } of trades) expect(clientOrderId).not.toMatch(/^ndcontract/);
    },
  );
}

/** Trades of these orders, without what an answer to placing does not know yet. */
function ofOrders(trades: readonly OwnTrade[], placed: readonly VenueOrder[]) {
  const ids = new Set(placed.map(({ venueOrderId }) => venueOrderId));
  return trades
    .filter(({ venueOrderId }) => ids.has(venueOrderId))
    .map(({ atMs: _, symbol: __, clientOrderId: ___, ...trade }) => trade);
}

function transfersContract(bench: VenueBench): void {
  const transferTest = bench.testOf('transfers');
  /**
   * Sends one, and gives what the venue then tells that it did not tell before, and what became of the balance. Binance tells of
   * withdrawals, and Kraken of both, in whole seconds: what happened right after a time bears one before it, and must not be
   * left out for that. Telling once more what is known does no harm.
   */
  const send = async (change: Partial<OutsideTransfer>) => {
    const transfer: OutsideTransfer = { direction: 'in', asset: 'USDT', amount: '12.5', status: 'done', ...change };
    const before = await totalOf(bench, transfer.asset);
    const known = (await bench.transfersSince(bench.nowMs())).map(keyOf);
    const sinceMs = bench.nowMs();
    const id = await bench.outside.transfer(transfer);
    const news = async () => (await bench.transfersSince(sinceMs)).filter((told) => !known.includes(keyOf(told)));
    const told = await news();
    return { id, sinceMs, told, news, changed: subtract(await totalOf(bench, transfer.asset), before) };
  };

  transferTest('tells a deposit with its asset, amount and time', async () => {
    const { told, changed, sinceMs } = await send({});
    expect(told).toMatchObject([{ direction: 'in', asset: 'USDT', amount: '12.5', status: 'done' }]);
    expect(told[0]?.fee ?? '0').toBe('0');
    expect(changed).toBe('12.5');
    expect(told[0]?.atMs).toBeGreaterThan(sinceMs - secondMs);
    expect(told[0]?.atMs).toBeLessThanOrEqual(bench.nowMs());
  });

  transferTest('tells a withdrawal with its fee, and both have left', async () => {
    const { told, changed } = await send({ direction: 'out', fee: '0.5' });
    expect(told).toMatchObject([{ direction: 'out', asset: 'USDT', status: 'done' }]);
    expect(told.map(({ amount: size, fee }) => add(size, fee ?? zeroAmount))).toEqual(['13']);
    expect(changed).toBe('-13');
  });

  transferTest('tells a pending deposit as such or not at all, and once when it is done', async () => {
    const { id, told, news, changed } = await send({ status: 'pending' });
    expect(told.map(({ status }) => status)).toEqual(told.map(() => 'pending'));
    expect(changed).toBe('0');
    await bench.outside.endTransfer(id);
    const done = await news();
    expect(done).toMatchObject([{ direction: 'in', asset: 'USDT', amount: '12.5', status: 'done' }]);
    if (told.length > 0) expect(done.map(keyOf)).toEqual(told.map(keyOf));
  });

  transferTest(
    'tells transfers oldest first, each under an id of its own, and none of them later than asked',
    async () => {
      const { news } = await send({});
      await send({ direction: 'out' });
      await send({ amount: '7' });
      const told = await news();
      expect(told).toHaveLength(3);
      expect(new Set(told.map(keyOf)).size).toBe(3);
      const timesMs = told.map(({ atMs }) => atMs);
      expect(timesMs).toEqual(timesMs.toSorted((left, right) => left - right));
      expect(await bench.transfersSince(bench.nowMs() + minuteMs)).toEqual([]);
    },
  );
}

const keyOf = ({ direction, id }: Transfer): string => `${direction} ${id}`;

function fundingContract(bench: VenueBench): void {
  bench.testOf('funding_payments')('tells what funding cost the holder of a position, below zero', async () => {
    if (bench.market.kind !== 'perpetual') return;
    const sinceMs = bench.nowMs();
    await bench.accepted(bench.order());
    const paid = await bench.outside.chargeFunding();
    const payments = await bench.venue.fetchFundingPayments(bench.market, sinceMs);
    await bench.accepted(bench.order({ side: 'sell' }));
    const { symbol, settle } = bench.market;
    expect(payments).toMatchObject([{ symbol, asset: settle, amount: subtract(zeroAmount, paid) }]);
    expect(isPositive(paid)).toBe(true);
    expect(payments?.[0]?.atMs).toBeGreaterThanOrEqual(sinceMs);
    expect(await bench.venue.fetchFundingPayments(bench.market, bench.nowMs() + minuteMs)).toEqual([]);
  });

  bench.testOf('positions')('tells what of the account stands in for a position, where it tells', async () => {
    if (bench.market.kind === 'spot') return;
    await bench.accepted(bench.order());
    const [position] = await bench.venue.fetchPositions([bench.market]);
    await bench.accepted(bench.order({ side: 'sell' }));
    const { initialMargin, maintenanceMargin } = position ?? {};
    if (initialMargin === undefined || maintenanceMargin === undefined) return;
    expect(isPositive(maintenanceMargin)).toBe(true);
    expect(compare(initialMargin, maintenanceMargin)).toBe(1);
  });
}

function walletsContract(bench: VenueBench): void {
  it('names each of its wallets once, shows what is in each, and has one that pays for the market', async () => {
    const { wallets } = bench.venue;
    expect(new Set(wallets.map(({ name }) => name)).size).toBe(wallets.length);
    const paying = wallets.filter(({ kinds }) => kinds.includes(bench.market.kind));
    expect(paying).toHaveLength(1);
    for (const wallet of wallets) {
      const balances = await bench.venue.fetchBalances(wallet.kinds[0]);
      if (wallet === paying[0]) expect(balances.length).toBeGreaterThan(0);
      expect(new Set(balances.map(({ asset }) => asset)).size).toBe(balances.length);
    }
  });

  bench.testOf('tickers')('quotes several markets at once, and leaves out what it does not list', async () => {
    const markets = (await bench.venue.fetchMarkets()).filter(
      ({ kind, active }) => kind === bench.market.kind && active,
    );
    const others = markets.filter(({ symbol }) => symbol !== bench.market.symbol).slice(0, 2);
    const asked = [bench.market, ...others] as const;
    const quoted = await bench.venue.fetchTickers(asked);
    expect(quoted.map(({ symbol }) => symbol).toSorted()).toEqual(asked.map(({ symbol }) => symbol).toSorted());
    for (const { bid, ask } of quoted) if (bid !== undefined && ask !== undefined) expect(compare(bid, ask)).toBe(-1);
  });
}

function switchContract(bench: VenueBench): void {
  bench.testOf('dead_man')(
    "sets and takes back a dead man's switch, where it has one, and leaves orders alone",
    async () => {
      if (!bench.venue.hasDeadManSwitch) return;
      const request = await bench.restingOrder();
      const { venueOrderId } = await bench.accepted(request);
      expect(await bench.venue.setDeadManSwitch(minuteMs, bench.market.kind)).toEqual({ kind: 'set' });
      expect(await bench.venue.setDeadManSwitch(0, bench.market.kind)).toEqual({ kind: 'set' });
      expect(await bench.find(request)).toMatchObject({ kind: 'found', order: { status: 'open' } });
      await bench.cancel(request, { venueOrderId });
    },
  );
}

async function totalOf({ venue, market }: VenueBench, asset: string): Promise<Amount> {
  const balances = await venue.fetchBalances(market.kind);
  return balances.find((balance) => balance.asset === asset)?.total ?? zeroAmount;
}
