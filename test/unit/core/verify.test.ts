import {
  type AccountId,
  applyDelta,
  applyEvent,
  type BooksHead,
  genesisHash,
  type JournalEvent,
  type Order,
  type OrderEvent,
  type PositionDelta,
  type PositionRow,
  positionDelta,
  type RiskState,
  seal,
  streams,
  type Verification,
  verifyJournal,
} from '@nightdesk/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryRisk, MemoryTables } from '../../support/memory-stores.ts';
import { fill, intended, intent, observed, orderAfter } from '../../support/orders.ts';

const startedAtMs = 1_000_000;
const stream = streams.order(intent.orderId);

interface Desk {
  orders: Order[];
  switches: RiskState[];
  positions: PositionRow[];
  books: BooksHead[];
  events: JournalEvent[];
}

/** A desk with one order, one switch and one signal, which verifies. */
let desk: Desk;

beforeEach(async () => {
  const risk = new MemoryTables();
  await createMemoryRisk(risk).ensure('main' as AccountId, 1);
  const signal = seal(
    { stream: streams.signal('sg1'), sequence: 1, type: 'signal.accepted', atMs: 1, data: {} },
    genesisHash,
  );
  const { order, events } = history(intended, observed('open', '1', [fill('a')]), observed('filled', '2', [fill('b')]));
  desk = {
    orders: [order],
    switches: [...risk.risk.values()],
    positions: [],
    books: [],
    events: [...events, ...[...risk.journal.values()].flat(), signal],
  };
});

function history(...happened: OrderEvent[]): { order: Order; events: JournalEvent[] } {
  const events: JournalEvent[] = [];
  let order: Order | undefined;
  for (const event of happened) {
    const applied = applyEvent(order, event);
    if (applied === undefined) continue;
    order = applied.order;
    events.push(applied.journalEvent);
  }
  if (order === undefined) throw new Error('no event made an order');
  return { order, events };
}

/** A position of two orders' fills, and its events. */
function positionHistory(): { position: PositionRow; events: JournalEvent[] } {
  const before = orderAfter(intended, observed('open', '1', [fill('a')]));
  const deltas = [
    positionDelta(orderAfter(intended), before),
    positionDelta(
      before,
      orderAfter(intended, observed('open', '1', [fill('a')]), observed('filled', '2', [fill('b')])),
    ),
  ];
  const events: JournalEvent[] = [];
  let position: PositionRow | undefined;
  for (const delta of deltas) {
    if (delta === undefined) throw new Error('nothing was filled');
    const applied = applyDelta(position, delta, 3_000);
    position = applied.position;
    events.push(applied.journalEvent);
  }
  if (position === undefined) throw new Error('there are no fills');
  return { position, events };
}

async function* each<Item>(items: readonly Item[]): AsyncIterable<Item> {
  yield* items;
}

const verify = ({
  orders,
  switches,
  positions = [],
  books = [],
  events,
}: Partial<Desk> & Pick<Desk, 'orders' | 'switches' | 'events'>): Promise<Verification> =>
  verifyJournal({
    ...{ orders: each(orders), switches: each(switches), positions: each(positions), events: each(events) },
    books: each(books),
    startedAtMs,
  });

const onlyOrder = (): Order => desk.orders[0] as Order;
/** Seals what stands at `index` anew, together with everything after it: what a forger would have to do. */
function reseal(index: number, change: Partial<JournalEvent>): void {
  for (let at = index; desk.events[at]?.stream === stream; at++) {
    const event = { ...desk.events[at], ...(at === index && change) } as JournalEvent;
    desk.events[at] = seal(event, at === 0 ? genesisHash : (desk.events[at - 1]?.hash ?? ''));
  }
}

describe('a desk', () => {
  it('verifies, with its streams, events and orders counted', async () => {
    expect(await verify(desk)).toEqual({ kind: 'verified', streams: 3, events: 5, orders: 1 });
    expect(await verify({ orders: [], switches: [], events: [] })).toMatchObject({ kind: 'verified', events: 0 });
  });

  it('that goes on working meanwhile has a journal ahead of its tables, and verifies', async () => {
    const { order } = history(intended, observed('open', '1', [fill('a')]));
    expect(await verify({ ...desk, orders: [order] })).toMatchObject({ kind: 'verified' });
    const { events } = history({ ...intended, atMs: startedAtMs });
    expect(await verify({ ...desk, orders: [], events })).toMatchObject({ kind: 'misfit' });
    expect(await verify({ orders: [], switches: [], events })).toMatchObject({ kind: 'verified', orders: 1 });
  });

  const changed = 'does not show what the journal leads to';
  it.each<[string, () => void, string, number, string]>([
    ['an event was altered', () => alter(1, { data: {} }), stream, 2, 'altered'],
    ['an event was removed', () => void desk.events.splice(1, 1), stream, 3, 'missing'],
    ['an event says what cannot have happened', () => reseal(1, { data: { cause: {} } }), stream, 2, ''],
    ['an event contradicts the order', () => reseal(1, { type: 'order.denied' }), stream, 2, 'exists already'],
    ['an event changes nothing', () => reseal(1, { type: 'order.intended' }), stream, 2, 'exists already'],
    ['the order was altered', () => alterOrder({ filled: '1' as Order['filled'] }), stream, 3, changed],
    ['the order is ahead of its journal', () => alterOrder({ version: 4 }), stream, 4, 'the journal has it not'],
    ["the journal's end was cut off", () => void desk.events.splice(2, 1), stream, 3, 'the journal has it not'],
    ['the order was removed', () => void desk.orders.pop(), stream, 3, 'the orders table has not'],
    [
      'the whole journal of an order was removed',
      () => void desk.events.splice(0, 3),
      stream,
      1,
      'the journal has not',
    ],
    ['a switch was altered', () => alterSwitch({ journalHash: 'x' }), 'risk#main', 1, changed],
    ['a switch is ahead of its journal', () => alterSwitch({ version: 2 }), 'risk#main', 2, 'the journal has it not'],
  ])('where %s does not verify, and the place is named', async (_name, tamper, where, sequence, reason) => {
    tamper();
    const misfit = { stream: where, sequence, reason: expect.stringContaining(reason) };
    expect(await verify(desk)).toEqual({ kind: 'misfit', misfit });
  });

  it('where the last stream is the one that was tampered with does not verify either', async () => {
    const own = desk.events.filter((event) => event.stream === stream);
    desk.events = [...desk.events.filter((event) => event.stream !== stream), ...own];
    alterOrder({ version: 4 });
    expect(await verify(desk)).toMatchObject({ kind: 'misfit', misfit: { stream, sequence: 4 } });
  });

  it('where an event repeats what is known does not verify, because the desk writes no such event', async () => {
    const again = seal({ ...(desk.events[2] as JournalEvent), sequence: 4 }, desk.events[2]?.hash ?? '');
    desk.events.splice(3, 0, again);
    const misfit = { stream, sequence: 4, reason: 'replaying it does not give this event' };
    expect(await verify(desk)).toEqual({ kind: 'misfit', misfit });
  });

  function alter(index: number, change: Partial<JournalEvent>): void {
    desk.events[index] = { ...(desk.events[index] as JournalEvent), ...change };
  }
  function alterOrder(change: Partial<Order>): void {
    desk.orders = [{ ...onlyOrder(), ...change }];
  }
  function alterSwitch(change: Partial<RiskState>): void {
    desk.switches = desk.switches.map((row) => ({ ...row, ...change }));
  }
});

describe('the positions of a desk', () => {
  const place = streams.position(intent.account, intent.symbol);
  const changed = 'does not show what the journal leads to';

  it('verify where their events lead to what the table shows, or further', async () => {
    const { position, events } = positionHistory();
    const [first] = events;
    if (first === undefined) throw new Error('there is no event');
    const [delta] = [(first.data as { delta: PositionDelta }).delta];
    const earlier = applyDelta(undefined, delta, 3_000).position;
    for (const positions of [[position], [earlier]]) {
      expect(await verify({ ...desk, positions, events: [...desk.events, ...events] })).toMatchObject({
        kind: 'verified',
        streams: 4,
        events: 7,
      });
    }
  });

  it('may be missing from the table where they were made since it was read', async () => {
    const [delta] = positionHistory().events.map(({ data }) => (data as { delta: PositionDelta }).delta);
    if (delta === undefined) throw new Error('there is no event');
    const { journalEvent } = applyDelta(undefined, delta, startedAtMs);
    expect(await verify({ ...desk, events: [...desk.events, journalEvent] })).toMatchObject({ kind: 'verified' });
  });

  it.each<[string, (rows: PositionRow[], events: JournalEvent[]) => void, number, string]>([
    [
      'the quantity was altered',
      (rows) => void rows.push({ ...(rows.pop() as PositionRow), quantity: '7' as PositionRow['quantity'] }),
      2,
      changed,
    ],
    ['the row was removed', (rows) => void rows.pop(), 1, 'the positions table has not'],
    ['the row is ahead of its journal', (_rows, events) => void events.pop(), 2, 'the journal has it not'],
    ['the whole journal was removed', (_rows, events) => void events.splice(0), 2, 'the journal has it not'],
    [
      'an event was altered',
      (_rows, events) => void events.splice(0, 1, { ...(events[0] as JournalEvent), data: {} }),
      1,
      'altered',
    ],
    [
      'an event says more than the fill',
      (_rows, events) => resealed(events, { data: { ...(events[0]?.data as object), by: 'somebody' } }),
      1,
      'replaying it does not give this event',
    ],
    ['an event has no delta', (_rows, events) => resealed(events, { data: {} }), 1, ''],
    [
      'an event is said to be of another position',
      (_rows, events) => resealed(events, { stream: 'position#other#X' }),
      1,
      '',
    ],
  ])('do not verify where %s', async (_name, tamper, sequence, reason) => {
    const { position, events } = positionHistory();
    const rows = [position];
    tamper(rows, events);
    const misfit = { sequence, reason: expect.stringContaining(reason) };
    const verification = await verify({ ...desk, positions: rows, events: [...desk.events, ...events] });
    expect(verification).toMatchObject({ kind: 'misfit', misfit });
    if (verification.kind === 'misfit') expect(verification.misfit.stream).toMatch(/^position#/);
    expect(place).toBe('position#main#BTC/USDT');
  });

  function resealed(events: JournalEvent[], change: Partial<JournalEvent>): void {
    events.splice(0, 2, seal({ ...(events[0] as JournalEvent), ...change }, genesisHash));
  }
});

describe('the books of an account', () => {
  const booksStream = streams.books('main');
  const account = 'main' as AccountId;
  const oldMs = startedAtMs - 600_001;

  /** So many events of a stream, and the row at the end of them. */
  function bookEvents(count: number, atMs = oldMs): JournalEvent[] {
    const events: JournalEvent[] = [];
    for (let sequence = 1; sequence <= count; sequence++) {
      const entry = { stream: booksStream, sequence, type: 'books.difference', atMs, data: {} };
      events.push(seal(entry, events.at(-1)?.hash ?? genesisHash));
    }
    return events;
  }
  const headAt = (events: readonly JournalEvent[], sequence: number): BooksHead => ({
    ...{ account, sequence, journalHash: events[sequence - 1]?.hash ?? genesisHash },
  });
  const check = (events: JournalEvent[], books: BooksHead[]) =>
    verify({ ...desk, books, events: [...desk.events, ...events] });

  it('verify where their row shows the end of their stream, also of one without events', async () => {
    const events = bookEvents(3);
    expect(await check(events, [headAt(events, 3)])).toMatchObject({ kind: 'verified', streams: 4, events: 8 });
    expect(await check([], [headAt([], 0)])).toMatchObject({ kind: 'verified' });
  });

  it('may be written while the journal is read', async () => {
    const late = bookEvents(3, startedAtMs - 50_000);
    expect(await check(late, [headAt(late, 2)])).toMatchObject({ kind: 'verified' });
    expect(await check(late, [])).toMatchObject({ kind: 'verified' });
  });

  it.each<[string, (events: JournalEvent[]) => BooksHead[], number, string]>([
    ['is ahead of the stream', (events) => [{ ...headAt(events, 3), sequence: 4 }], 4, 'the journal has it not'],
    ['is behind the stream', (events) => [headAt(events, 2)], 3, 'is behind its journal'],
    ['has another hash', (events) => [{ ...headAt(events, 3), journalHash: genesisHash }], 3, 'does not show the end'],
    ['is gone', () => [], 1, 'the books table has not'],
  ])('do not verify where their row %s', async (_title, rows, sequence, reason) => {
    const events = bookEvents(3);
    const misfit = { stream: booksStream, sequence, reason: expect.stringContaining(reason) };
    expect(await check(events, rows(events))).toEqual({ kind: 'misfit', misfit });
  });

  it('and the stream of configurations are chains: what is altered in them shows', async () => {
    const [first, second] = bookEvents(2);
    const altered = [first, { ...second, data: { id: 'x' } }] as JournalEvent[];
    expect(await check(altered, [headAt(altered, 2)])).toMatchObject({ kind: 'misfit', misfit: { sequence: 2 } });
    const seen = seal({ stream: streams.config, sequence: 1, type: 'config.seen', atMs: 1, data: {} }, genesisHash);
    expect(await check([seen], [])).toMatchObject({ kind: 'verified' });
    const forged = { ...seen, data: { version: 'x' } };
    const misfit = { stream: 'config', reason: expect.stringContaining('altered') };
    expect(await check([forged], [])).toMatchObject({ kind: 'misfit', misfit });
  });
});
