/** What must not pass for profit or loss, on the whole way from the venue's answers to marks and breakers. */
import {
  type AccountId,
  add,
  amount,
  type Books,
  type Market,
  type Notional,
  notional,
  price,
  type Ticker,
  VenueError,
  type VenueId,
  type VenuePort,
} from '@nightdesk/core';
import { createConversionFinder } from '@nightdesk/functions/reconcile-balances/conversion-markets.ts';
import { describe, expect, it } from 'vitest';
import { btcUsdt } from '../../support/markets.ts';
import { createReconcileDesk, type ReconcileDesk, shown } from '../../support/reconcile-desk.ts';

/** The same venue with some answers of its own. */
const answering = (venue: VenuePort, change: Partial<VenuePort>): VenuePort =>
  new Proxy(venue, {
    get: (target, key) => {
      const member: unknown = Reflect.get(change, key) ?? Reflect.get(target, key, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });

/** No transfer is told, as by a venue whose list comes late. */
const late = ({ venue }: ReconcileDesk): VenuePort => answering(venue, { fetchTransfers: async () => [] });

/** No ticker tells what ETH is worth. */
const priceless = ({ venue }: ReconcileDesk): VenuePort =>
  answering(venue, {
    fetchTickers: async (markets) =>
      (await venue.fetchTickers(markets)).filter(({ symbol }: Ticker) => symbol !== 'ETH/USDT'),
  });

const breakers = { dailyLoss: { limit: '1000' }, drawdown: { limit: '1000' } };
const million = '1000000';

async function openDesk(rest: Parameters<typeof createReconcileDesk>[0] = {}) {
  const desk = await createReconcileDesk({ risk: { breakers }, ...rest });
  const { marks } = await desk.look();
  if (marks === undefined) throw new Error('nothing was marked');
  return { desk, equity: marks.equity };
}

const unharmed = { dailyLoss: '0', drawdown: '0' };

describe('money that comes or goes is neither profit nor loss', () => {
  it('while it is on its way out', async () => {
    const { desk, equity } = await openDesk();
    const id = desk.venue.account.withdraw({ asset: 'USDT', amount: million, status: 'pending' });
    expect((await desk.nextLook()).marks).toMatchObject({ ...unharmed, equity: less(equity), peak: equity });
    await desk.nextLook();
    desk.venue.account.arrive(id);
    expect((await desk.nextLook()).marks).toMatchObject({ ...unharmed, peak: less(equity), dayStart: less(equity) });
    expect(desk.tables.risk.get('main')?.state).toBe('active');
  });

  it.each(['deposit', 'withdraw'] as const)('where the venue tells the %s a look late', async (move) => {
    const { desk } = await openDesk();
    desk.venue.account[move]({ asset: 'USDT', amount: million });
    expect((await desk.nextLook(late(desk))).marks).toMatchObject(unharmed);
    const { marks } = await desk.nextLook();
    expect(marks).toMatchObject({ ...unharmed, peak: marks?.equity, dayStart: marks?.equity });
    expect(desk.tables.risk.get('main')?.state).toBe('active');
  });

  it('where a deposit was drift before the venue told of it', async () => {
    const { desk, equity } = await openDesk();
    desk.venue.account.deposit({ asset: 'USDT', amount: million });
    await desk.nextLook(late(desk));
    const drifted = await desk.nextLook(late(desk));
    expect([drifted.status, drifted.marks?.peak]).toEqual(['differs', equity]);
    desk.clock.advance(300_000);
    const { marks, status } = await desk.nextLook();
    expect([status, marks?.peak, marks?.drawdown]).toEqual(['agrees', marks?.equity, '0']);
  });

  it.each([million, `-${million}`])('where a person has taken note that nobody explains %s', async (size) => {
    const { desk } = await openDesk();
    desk.venue.account.drift({ asset: 'USDT', amount: size });
    await desk.nextLook();
    await desk.nextLook();
    desk.clock.advance(1);
    await desk.setSwitch('active', 'risk');
    const { marks, status } = await desk.nextLook();
    expect([status, marks?.dailyLoss, marks?.drawdown]).toEqual(['agrees', '0', '0']);
    expect([marks?.peak, marks?.dayStart]).toEqual([marks?.equity, marks?.equity]);
    await desk.nextLook();
    expect(desk.tables.risk.get('main')?.state).toBe('active');
  });

  it('where the totals of a wallet move with open profits, and nothing else shows that it left', async () => {
    const unified = { name: 'unified', kinds: ['spot', 'perpetual'], countsOpenProfit: true } as const;
    const { desk } = await openDesk({ wallets: [unified] });
    await desk.place({ symbol: 'BTC/USDT:USDT', side: 'buy', size: '3' });
    await desk.nextLook();
    await desk.nextLook();
    desk.venue.account.withdraw({ asset: 'USDT', amount: million });
    const { marks } = await desk.nextLook();
    expect(desk.told()).toEqual([`withdrawal USDT ${million}`]);
    expect(marks?.dayTransfers).toBe(`-${million}`);
    expect(desk.tables.risk.get('main')?.state).toBe('active');
  });

  it('where it is told while a price is missing', async () => {
    const { desk } = await openDesk();
    desk.venue.account.withdraw({ asset: 'USDT', amount: million });
    await desk.nextLook(priceless(desk));
    expect(desk.told()).toEqual([`withdrawal USDT ${million}`]);
    const { marks } = await desk.nextLook();
    expect(marks).toMatchObject({ ...unharmed, dayStart: marks?.equity });
    expect(desk.tables.risk.get('main')?.state).toBe('active');
  });
});

describe('what one answer leaves out is no loss', () => {
  it('of a balance, until it is missing at two looks', async () => {
    const { desk } = await openDesk();
    const partial = answering(desk.venue, {
      fetchBalances: async () => (await desk.venue.fetchBalances()).filter(({ asset }) => asset !== 'ETH'),
    });
    expect((await desk.nextLook(partial)).marks).toMatchObject(unharmed);
    expect((await desk.nextLook()).marks).toMatchObject(unharmed);
    await desk.nextLook(partial);
    await desk.nextLook(partial);
    expect(desk.tables.risk.get('main')?.state).toBe('halted');
  });

  it('of a position, while nothing says that it was closed', async () => {
    const { desk } = await openDesk();
    await desk.place({ symbol: 'BTC/USDT:USDT', side: 'buy', size: '1000' });
    await desk.nextLook();
    desk.venue.setPrice('BTC/USDT:USDT', price('150'));
    const { marks: before } = await desk.nextLook();
    const closed = answering(desk.venue, { fetchPositions: async () => [] });
    expect((await desk.nextLook(closed)).marks).toEqual(before);
    expect((await desk.nextLook()).marks).toMatchObject(unharmed);
    expect(desk.tables.risk.get('main')?.state).toBe('active');
  });

  it('of a price: nothing is judged by what was before', async () => {
    const { desk } = await openDesk();
    for (let minute = 0; minute < 7; minute++) await desk.nextLook(priceless(desk));
    expect(desk.eventsOf().map(({ type }) => type)).toContain('breaker.blind');
    expect(desk.tables.risk.get('main')?.state).toBe('active');
  });
});

describe('an account that is moved', () => {
  it.each<[string, Partial<Books>]>([
    ['another mode', { mode: 'paper' }],
    ['another exchange', { venue: 'other' as VenueId }],
  ])('from %s begins its books anew, and its journal goes on', async (_what, was) => {
    const { desk, equity } = await openDesk();
    const stored = (await desk.books.get('main' as AccountId)) ?? raise();
    await desk.books.save({ books: { ...stored, ...was }, events: [] });
    desk.venue.account.drift({ asset: 'USDT', amount: `-${million}` });
    const { marks, status, differences, mode: now } = await desk.nextLook();
    expect([status, differences, marks?.peak]).toEqual(['agrees', [], less(equity)]);
    expect(now).not.toBe('paper');
    expect(desk.eventsOf().map(({ type, sequence }) => `${sequence} ${type}`)).toEqual([
      '1 books.opened',
      '2 books.opened',
    ]);
  });
});

describe('a venue that cannot be asked everything', () => {
  const unable =
    (code = 'not_supported') =>
    async () => {
      throw new VenueError('fake', 'cannot be asked', { code });
    };

  it('is compared by what it tells', async () => {
    const desk = await createReconcileDesk({ tradesOfAllMarkets: false });
    const port = answering(desk.venue, {
      fetchOpenOrders: unable(),
      fetchPositions: unable(),
      fetchOwnTrades: unable(),
    });
    await desk.look(port);
    const order = await desk.place({ side: 'buy', size: '2', limit: '90' });
    desk.venue.account.drift({ asset: 'BTC', amount: '-3' });
    await desk.nextLook(port);
    expect(shown(await desk.nextLook(port))).toEqual(['confirmed drift BTC -3']);
    desk.venue.setPrice('BTC/USDT', price('89'));
    await desk.nextLook(port);
    expect([desk.quantityOf('BTC/USDT'), desk.tables.orders.get(order.orderId)?.state]).toEqual(['2', 'filled']);
  });

  it('is asked for open orders by market where it wants that', async () => {
    const desk = await createReconcileDesk();
    const port = answering(desk.venue, {
      fetchOpenOrders: (which) =>
        typeof which === 'object' ? desk.venue.fetchOpenOrders(which) : unable('bad_request')(),
    });
    await desk.look(port);
    await desk.place({ side: 'buy', size: '2', limit: '90' });
    const request = { clientOrderId: 'theirs', symbol: 'BTC/USDT', side: 'buy', type: 'limit' } as const;
    await desk.venue.placeOrder({ ...request, amount: amount('1'), price: price('80') }, btcUsdt);
    await desk.nextLook(port);
    expect(await desk.nextLook(port)).toMatchObject({ status: 'differs', differences: [{ kind: 'outsider_order' }] });
  });

  it('has not answered where the desk holds what it tells nothing of', async () => {
    const desk = await createReconcileDesk();
    await desk.look();
    await desk.place({ symbol: 'BTC/USDT:USDT', side: 'buy', size: '3' });
    const port = answering(desk.venue, { fetchPositions: unable() });
    expect(await desk.nextLook(port)).toMatchObject({ status: 'unanswered', cause: { code: 'not_supported' } });
  });

  it('that lists one kind of contract is asked for the others by name', async () => {
    const desk = await createReconcileDesk();
    const port = answering(desk.venue, {
      fetchPositions: async (markets) => (markets === undefined ? [] : desk.venue.fetchPositions(markets)),
    });
    await desk.look(port);
    await desk.place({ symbol: 'BTC/USDT:USDT', side: 'buy', size: '3' });
    for (let minute = 0; minute < 3; minute++) expect(shown(await desk.nextLook(port))).toEqual([]);
    expect((await desk.nextLook(port)).positions).toMatchObject([{ symbol: 'BTC/USDT:USDT', amount: '3' }]);
  });
});

describe('an account that was not looked at for long', () => {
  const dayMs = 24 * 3_600_000;
  const tooMuch = () => new VenueError('fake', 'more than can be read', { code: 'incomplete_answer' });

  it.each([true, false])(
    'reads back what can be read, however much there is (all markets at once: %s)',
    async (all) => {
      const desk = await createReconcileDesk({ tradesOfAllMarkets: all });
      await desk.place({ symbol: 'BTC/USDT:USDT', side: 'buy', size: '3' });
      await desk.look();
      desk.clock.advance(400 * dayMs);
      const oldest: number[] = [];
      const bounded = (sinceMs: number): void => {
        oldest.push(desk.clock.nowMs() - sinceMs);
        if (desk.clock.nowMs() - sinceMs > dayMs) throw tooMuch();
      };
      const port = answering(desk.venue, {
        fetchOwnTrades: async (which, sinceMs) => {
          bounded(sinceMs);
          return desk.venue.fetchOwnTrades(which, sinceMs);
        },
        fetchFundingPayments: async (market, sinceMs) => {
          bounded(sinceMs);
          return desk.venue.fetchFundingPayments(market, sinceMs);
        },
      });
      await desk.place({ side: 'buy', size: '1' });
      expect((await desk.nextLook(port)).status).toBe('agrees');
      expect(Math.max(...oldest)).toBe(30 * dayMs);
    },
  );

  it('has not answered where not even what is recent can be read', async () => {
    const desk = await createReconcileDesk({ tradesOfAllMarkets: true });
    const port = answering(desk.venue, { fetchOwnTrades: () => Promise.reject(tooMuch()) });
    expect(await desk.look(port)).toMatchObject({ status: 'unanswered', cause: { code: 'incomplete_answer' } });
  });
});

it('asks for a price of everything before it asks for a second one', async () => {
  const { clock } = await createReconcileDesk();
  const quotes = ['USDT', 'USDC', 'FDUSD'];
  const assets = Array.from({ length: 60 }, (_, index) => `COIN${index}`);
  const findByName = async (_venue: VenueId, name: string): Promise<Market[]> => {
    const quote = quotes.find((each) => name.endsWith(each));
    const base = quote && name.slice(0, -quote.length);
    if (quote === undefined || base === undefined || !(assets.includes(base) || base === 'BTC')) return [];
    return [{ ...btcUsdt, symbol: `${base}/${quote}`, base, quote }];
  };
  const find = createConversionFinder({ findByName }, clock);
  const found = await find(btcUsdt.venue, assets, { currency: 'USDT', alike: ['USDC', 'FDUSD'] });
  expect(found).toHaveLength(100);
  expect(found.slice(0, 61).map(({ symbol }) => symbol)).toEqual([...assets, 'BTC'].map((base) => `${base}/USDT`));
});

function raise(): never {
  throw new Error('it is not there');
}

const less = (equity: Notional): Notional => add(equity, notional(`-${million}`));
