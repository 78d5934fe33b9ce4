import {
  amount,
  type FundingPayment,
  notional,
  type Position,
  price,
  type Transfer,
  type VenueOrderId,
  type Wallet,
} from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { deskOf, looks, openOrder, row, spotWallet, trade, venueOf } from '../../../support/reconcile-views.ts';

const perpetual = 'BTC/USDT:USDT';
const inverse = 'BTC/USD:BTC';
const minuteMs = 60_000;

const shownOf = ({ books }: ReturnType<typeof looks>): string[] =>
  books.differences.map(({ state, id, amount: size }) => [state, id, size].filter(Boolean).join(' '));

const position = (change: Partial<Position> = {}): Position => ({
  ...{ symbol: perpetual, side: 'long', amount: amount('1'), contracts: amount('1') },
  ...change,
});

const transfer = (change: Partial<Transfer> = {}): Transfer => ({
  ...{ id: '1', direction: 'in', asset: 'USDT', amount: amount('50'), atMs: 61_000, status: 'done' },
  ...change,
});

const payment = (id: string, size: string, change: Partial<FundingPayment> = {}): FundingPayment => ({
  ...{ id, symbol: perpetual, asset: 'USDT', amount: amount(size), atMs: 61_000 },
  ...change,
});

const agreeing = { desk: deskOf(), venue: venueOf({ spot: { BTC: '1', USDT: '100' }, futures: { USDT: '100' } }) };
const showing = (balances: Record<string, Record<string, string>>, change: Parameters<typeof venueOf>[1] = {}) => ({
  desk: deskOf(),
  venue: venueOf(balances, change),
});

describe('balances', () => {
  it('that change without a cause are told once, and what comes on top is added to what stands', () => {
    const less = showing({ spot: { USDT: '100' }, futures: { USDT: '100' } });
    const evenLess = showing({ spot: { USDT: '90' }, futures: { USDT: '100' } });
    const further = showing({ spot: { USDT: '80' }, futures: { USDT: '100' } });
    const result = looks(agreeing, less, less, evenLess, evenLess, further, further);
    expect(result.told).toEqual([
      'books.opened',
      'books.difference drift BTC -1',
      'books.difference drift USDT -10',
      'books.difference drift USDT -10',
    ]);
    expect(shownOf(result)).toEqual(['confirmed drift:spot:BTC -1', 'confirmed drift:spot:USDT -20']);
    expect(looks(agreeing, less, less, evenLess, evenLess, further).books.differences.map(({ id }) => id)).toContain(
      'drift:spot:USDT:more',
    );
  });

  it('that come back by themselves even out, and are told as settled alone', () => {
    const less = showing({ spot: { USDT: '100' }, futures: { USDT: '100' } });
    const result = looks(agreeing, less, less, agreeing, agreeing);
    expect(result.told.slice(1)).toEqual(['books.difference drift BTC -1', 'books.settled drift BTC -1']);
    expect(result.actions.filter(({ kind }) => kind === 'alarm')).toEqual([]);
    expect(result.books.status).toBe('agrees');
  });

  it('of something that nothing values are told without a worth, and added up so, too', () => {
    const some = showing({ spot: { BTC: '1', USDT: '100', NOPE: '1' }, futures: { USDT: '100' } });
    const more = showing({ spot: { BTC: '1', USDT: '100', NOPE: '3' }, futures: { USDT: '100' } });
    expect(looks(agreeing, some, some, more, more).books.differences).toMatchObject([
      { id: 'drift:spot:NOPE', amount: '3' },
    ]);
    expect(looks(agreeing, some, some).books.differences[0]).not.toHaveProperty('worth');
  });

  it('of which a person took note are transfers from then on, and positions are not', () => {
    const less = showing({ spot: { USDT: '100' }, futures: { USDT: '100' } }, { positions: [position()] });
    const noted = { state: 'active' as const, by: 'risk', reason: 'it was me', updatedAtMs: 10 * minuteMs };
    const result = looks(agreeing, less, less, { ...less, desk: deskOf({}, { row: noted }) });
    expect(result.books.status).toBe('agrees');
    expect(result.actions).toEqual([{ kind: 'record_transfer', asset: 'BTC', amount: '-1' }]);
  });

  it('of something that nothing values count as soon as something does', () => {
    const some = showing({ spot: { BTC: '1', USDT: '100', NOPE: '2' }, futures: { USDT: '100' } });
    const valued = { ...some, rates: { BTC: price('100'), USDT: price('1'), NOPE: price('3') } };
    const result = looks(agreeing, some, some, valued);
    expect(result.books.differences).toMatchObject([{ id: 'drift:spot:NOPE', worth: '6' }]);
    expect(result.told.length).toBe(2);
  });

  it('are told however many orders somebody else has', () => {
    const openOrders = Array.from({ length: 250 }, (_, index) =>
      openOrder({ venueOrderId: `x${index}` as VenueOrderId }),
    );
    const crowded = { ...agreeing, venue: { ...agreeing.venue, openOrders } };
    const less = showing({ spot: { USDT: '100' }, futures: { USDT: '100' } }, { openOrders });
    const result = looks(...[agreeing, ...Array(8).fill(crowded), less, less]);
    expect(shownOf(result)).toContain('confirmed drift:spot:BTC -1');
    expect(result.books.differences.length).toBe(201);
  });

  it('of a wallet that is told for the first time are where it begins', () => {
    const first = showing({ spot: { BTC: '1' } }, { kept: [spotWallet] });
    const both = showing({ spot: { BTC: '1' }, futures: { USDT: '5' } });
    expect(looks(first, both, both, both).told).toEqual(['books.opened']);
  });

  it('that were taken in the middle of something are taken anew when it is over', () => {
    const before = row('BTC/USDT', { quantity: amount('1'), cost: notional('100') });
    const after = row('BTC/USDT', { quantity: amount('2'), cost: notional('200'), version: 2 });
    const busy = {
      desk: deskOf({ positions: [after] }, { before: { positions: [before], orders: [] } }),
      venue: venueOf({ spot: { BTC: '1' } }),
    };
    const calm = { desk: deskOf({ positions: [after] }), venue: venueOf({ spot: { BTC: '2' } }) };
    expect(looks(busy).books.baselines['spot:BTC']).toEqual({ total: '1', traded: '2', provisional: true });
    expect(looks(busy, calm, calm).books.baselines['spot:BTC']).toEqual({ total: '2', traded: '2' });
  });

  it('that moved by a price that is not known are taken as they are', () => {
    const traded = deskOf({ positions: [row(inverse, { quantity: amount('5'), unpriced: amount('5') })] });
    const held = [position({ symbol: inverse, amount: amount('5') })];
    const more = { desk: traded, venue: venueOf({ futures: { BTC: '1.5' } }, { positions: held }) };
    const start = { desk: deskOf(), venue: venueOf({ futures: { BTC: '1' } }) };
    const result = looks(start, more, more, more);
    expect(result.told).toEqual(['books.opened']);
    expect(result.books.baselines['futures:BTC']).toEqual({ total: '1.5', traded: '0', unpriced: '5' });
    const less = { desk: traded, venue: venueOf({ futures: { BTC: '1.4' } }, { positions: held }) };
    expect(looks(start, more, more, less, less).told).toContain('books.difference drift BTC -0.1');
  });
});

describe('what cannot be compared', () => {
  const counting: Wallet = { name: 'futures', kinds: ['perpetual'], countsOpenProfit: true };
  const desk = deskOf({ positions: [row(perpetual, { quantity: amount('1'), cost: notional('100') })] });
  const at = (total: string, positions: Position[], change: Parameters<typeof venueOf>[1] = {}) => ({
    desk,
    venue: venueOf({ futures: { USDT: total } }, { positions, ...change }),
  });

  it('is left alone while a wallet counts an open profit, and compared with what it was afterwards', () => {
    const open = (total: string) => at(total, [position()], { kept: [counting] });
    const closed = {
      desk: deskOf({ positions: [row(perpetual)] }),
      venue: venueOf({ futures: { USDT: '90' } }, { kept: [counting] }),
    };
    const flat = { desk: deskOf(), venue: venueOf({ futures: { USDT: '100' } }, { kept: [counting] }) };
    expect(looks(flat, open('110'), open('120'), open('120')).told).toEqual(['books.opened']);
    expect(looks(flat, open('110'), open('120'), closed, closed).told).toEqual([
      'books.opened',
      'books.difference drift USDT -10',
    ]);
  });

  it.each([
    [
      'the venue entered the position at another price',
      at('100', [position({ entryPrice: price('120') })]),
      at('130', [position({ entryPrice: price('80') })]),
    ],
    [
      'its funding is not told',
      at('100', [position()], { fundingUntold: [perpetual] }),
      at('130', [position()], { fundingUntold: [perpetual] }),
    ],
    [
      'a part of the position is not the desk’s',
      at('100', [position({ amount: amount('3') })]),
      at('130', [position({ amount: amount('3') })]),
    ],
  ])('because %s is taken as it is', (_why, first, later) => {
    const { books } = looks(first, later, later, later);
    expect(books.differences).toEqual([]);
    expect(books.baselines['futures:USDT']).toEqual({ total: '130', traded: '0', provisional: true });
  });

  it('is compared where the venue’s price is the desk’s own, or is not told', () => {
    const entered = (total: string) => at(total, [position({ entryPrice: price('100.01') })]);
    expect(looks(entered('100'), entered('90'), entered('90')).told).toContain('books.difference drift USDT -10');
    expect(looks(at('100', [position()]), at('90', [position()]), at('90', [position()])).told.length).toBe(2);
  });

  it('in contracts that no wallet pays for is nobody’s', () => {
    const odd = [position({ symbol: 'BTC/USDT:USDT-270326' })];
    const rows = [row('BTC/USDT:USDT-270326', { quantity: amount('7') })];
    const one = { desk: deskOf({ positions: rows }), venue: venueOf({}, { positions: odd }) };
    expect(looks(one, one, one).told).toEqual(['books.opened']);
  });
});

describe('positions', () => {
  it('that differ are told with their worth where it can be told, and settled when the rest of it is gone', () => {
    const grown = (symbol: string) =>
      showing({ spot: { BTC: '1', USDT: '100' }, futures: { USDT: '100' } }, { positions: [position({ symbol })] });
    const linear = looks(agreeing, grown(perpetual), grown(perpetual));
    expect(linear.books.differences).toMatchObject([
      { kind: 'outsider_position', id: `outsider_position:${perpetual}`, worth: '100' },
    ]);
    expect(looks(agreeing, grown(inverse), grown(inverse)).books.differences[0]).not.toHaveProperty('worth');
    expect(looks(agreeing, grown(perpetual), grown(perpetual), agreeing, agreeing).books.status).toBe('agrees');
  });

  it('of both sides at once count as what is left of them', () => {
    const hedged = [position({ amount: amount('3') }), position({ side: 'short', amount: amount('1') })];
    const desk = deskOf({ positions: [row(perpetual, { quantity: amount('2'), cost: notional('200') })] });
    const one = { desk, venue: venueOf({}, { positions: hedged }) };
    expect(looks({ desk: deskOf(), venue: venueOf({}) }, one, one).told).toEqual(['books.opened']);
  });
});

describe('transfers', () => {
  const richer = (size: string, transfers: Transfer[], futures = '100') => ({
    desk: deskOf(),
    venue: venueOf({ spot: { BTC: '1', USDT: size }, futures: { USDT: futures } }, { transfers, asked: ['transfers'] }),
  });

  it('go to the wallet that differs by so much, with their fee', () => {
    const result = looks(agreeing, richer('100', [transfer({ fee: amount('1') })], '149'));
    expect(result.told).toEqual(['books.opened', 'books.transfer deposit futures:USDT 50']);
    expect(result.actions).toEqual([{ kind: 'record_transfer', asset: 'USDT', amount: '49' }]);
    expect(result.books.baselines['futures:USDT']?.total).toBe('149');
  });

  it('go to the first wallet where none differs so, and wait where they came after the balances', () => {
    expect(looks(agreeing, richer('100', [transfer()])).told.at(-1)).toBe('books.transfer deposit spot:USDT 50');
    expect(looks(agreeing, richer('100', [transfer({ atMs: 3 * minuteMs })])).told).toEqual(['books.opened']);
    expect(looks(agreeing, showing({}, { kept: [], transfers: [transfer()] })).told).toEqual(['books.opened']);
    const unlisted = showing({ spot: { BTC: '1', USDT: '100' } }, { transfers: [transfer({ asset: 'XRP' })] });
    expect(looks(agreeing, unlisted).told.at(-1)).toBe('books.transfer deposit spot:XRP 50');
  });

  it('that were done before the books were opened, or have failed, change nothing', () => {
    const opened = richer('150', [transfer({ atMs: 1 })]);
    expect(looks(opened, opened).told).toEqual(['books.opened']);
    expect(looks(agreeing, richer('100', [transfer({ status: 'failed' })])).told).toEqual(['books.opened']);
  });

  it('are forgotten when the venue tells of them no more', () => {
    const told = richer('150', [transfer()]);
    expect(looks(agreeing, told).books.settled).toEqual(['transfers#in:1']);
    expect(looks(agreeing, told, richer('150', [])).books.settled).toEqual([]);
  });

  it('explain what was told as drift before, in part or with more than that', () => {
    const gained = (size: string, transfers: Transfer[] = []) => richer(size, transfers);
    const late = (size: string) => transfer({ amount: amount(size), atMs: 61_000 });
    const part = looks(
      agreeing,
      gained('150'),
      gained('150'),
      gained('150', [late('20')]),
      gained('150', [late('20')]),
    );
    expect(shownOf(part)).toEqual(['confirmed drift:spot:USDT 30']);
    const more = looks(
      agreeing,
      gained('150'),
      gained('150'),
      gained('150', [late('70')]),
      gained('150', [late('70')]),
    );
    expect(shownOf(more)).toEqual(['confirmed drift:spot:USDT -20']);
    const out = transfer({ direction: 'out', amount: amount('10'), atMs: 61_000 });
    expect(shownOf(looks(agreeing, gained('90'), gained('90'), gained('90', [out])))).toEqual([]);
    const later = transfer({ amount: amount('50'), atMs: 200_000 });
    expect(shownOf(looks(agreeing, gained('150'), gained('150'), gained('200', [later])))).toEqual([
      'confirmed drift:spot:USDT 50',
    ]);
  });

  it('under way explain all that leaves together', () => {
    const pending = ['10', '20'].map((size, id) =>
      transfer({ id: String(id), direction: 'out', amount: amount(size), status: 'pending' }),
    );
    const one = richer('70', pending);
    expect(shownOf(looks(agreeing, one, one, one))).toEqual(['suspected withdrawal:spot:USDT -30']);
    const coming = richer('150', [transfer({ status: 'pending' })]);
    expect(shownOf(looks(agreeing, coming, coming))).toEqual(['suspected deposit:spot:USDT 50']);
  });
});

describe('what one look tells', () => {
  it('is bounded: what is left is told by the next ones, and nothing is lost', () => {
    const many = Array.from({ length: 70 }, (_, index) => transfer({ id: String(index), amount: amount('1') }));
    const rich = showing(
      { spot: { BTC: '1', USDT: '170' }, futures: { USDT: '100' } },
      { transfers: many, funding: [payment('1', '1')] },
    );
    const first = looks(agreeing, rich);
    expect(first.events.length).toBe(40);
    expect(looks(agreeing, rich, rich).told.filter((text) => text.startsWith('books.transfer')).length).toBe(70);
    const assets = Object.fromEntries(Array.from({ length: 250 }, (_, index) => [`A${index}`, '1']));
    const flood = showing({ spot: { BTC: '1', USDT: '100', ...assets }, futures: { USDT: '100' } });
    const flooded = looks(agreeing, flood, flood);
    expect([flooded.events.length, flooded.books.differences.length]).toEqual([40, 200]);
    const strangers = Array.from({ length: 70 }, (_, index) =>
      openOrder({ venueOrderId: `x${index}` as VenueOrderId }),
    );
    const orders = { ...agreeing, venue: { ...agreeing.venue, openOrders: strangers } };
    expect(looks(agreeing, orders, orders).events.length).toBe(40);
    const gone = looks(agreeing, orders, orders, orders, agreeing);
    expect(gone.books.differences.length).toBe(30);
  });
});

describe('funding', () => {
  it('is one event for each perpetual and asset, and nothing where no wallet pays for it', () => {
    const funding = [payment('1', '-1'), payment('2', '-2'), payment('3', '5', { symbol: 'BTC/USDT:USDT-270326' })];
    const paid = showing(
      { spot: { BTC: '1', USDT: '100' }, futures: { USDT: '97' } },
      { funding, asked: [`funding:${perpetual}`] },
    );
    const result = looks(agreeing, paid, paid);
    expect(result.told).toEqual(['books.opened', 'books.funding -3']);
    expect(result.books.status).toBe('agrees');
    const early = showing({ futures: { USDT: '97' } }, { funding: [payment('1', '-1', { atMs: 1 })] });
    expect(looks(early, early).told).toEqual(['books.opened']);
  });
});

describe('trades of others', () => {
  const bought = (change: Parameters<typeof trade>[0] = {}, balances = { BTC: '2', USDT: '-0.5' }) =>
    showing(
      { spot: balances, futures: { USDT: '100' } },
      {
        trades: [trade({ atMs: 61_000, fee: { asset: 'USDT', amount: amount('0.5') }, ...change })],
        asked: ['trades:BTC/USDT'],
      },
    );

  it('explain what differs at once, and are told at the second look', () => {
    const result = looks(agreeing, bought(), bought());
    expect(result.told).toEqual(['books.opened', 'books.difference outsider_fill BTC/USDT 1']);
    expect(result.actions).toMatchObject([{ kind: 'alarm' }]);
    expect(shownOf(looks(agreeing, bought()))).toEqual(['suspected outsider_fill:BTC/USDT:x1 1']);
    expect(looks(agreeing, bought()).books.cursors['trades:BTC/USDT']).toBe(61_000);
  });

  it('of one market add up, whichever way they went', () => {
    const sold = bought(
      {
        tradeId: 't2',
        venueOrderId: 'x2' as VenueOrderId,
        side: 'sell',
        amount: amount('3'),
        fee: { asset: 'USDT', amount: amount('0') },
        atMs: 181_000,
      },
      { BTC: '-1', USDT: '299.5' },
    );
    const all = looks(agreeing, bought(), bought(), sold, sold);
    expect(shownOf(all)).toEqual(['confirmed outsider_fill:BTC/USDT -2']);
  });

  it('in markets that no wallet pays for are told, and move nothing', () => {
    const odd = showing(
      { spot: { BTC: '1', USDT: '100' }, futures: { USDT: '100' } },
      { trades: [trade({ symbol: 'BTC/USDT:USDT-270326', atMs: 61_000 })] },
    );
    expect(looks(agreeing, odd, odd).told.at(-1)).toBe('books.difference outsider_fill BTC/USDT:USDT-270326 1');
  });
});
