import { type Amount, add, amount, compare, price, subtract, type VenuePort, zeroAmount } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import fc from '../../support/property.ts';
import { createReconcileDesk, type ReconcileDesk, shown, type Wanted } from '../../support/reconcile-desk.ts';

const symbols = ['BTC/USDT', 'ETH/USDT', 'BTC/USDT:USDT'] as const;
const size = fc.integer({ min: 2, max: 9 }).map(String);
const side = fc.constantFrom('buy' as const, 'sell' as const);
const symbol = fc.constantFrom(...symbols);

/** What the desk does all day. */
const normalStep = fc.oneof(
  fc.record({ do: fc.constant('trade' as const), symbol, side, size }),
  fc.record({ do: fc.constant('rest' as const), symbol, side, size }),
  fc.record({ do: fc.constant('lose_answer' as const), symbol, side, size }),
  fc.record({ do: fc.constant('late_fill' as const), symbol, side, size, lagMs: fc.integer({ min: 1, max: 100_000 }) }),
  fc.record({ do: fc.constant('move' as const), symbol, to: fc.integer({ min: 90, max: 110 }).map(String) }),
  fc.record({ do: fc.constant('track' as const) }),
  fc.record({ do: fc.constant('wait' as const), forMs: fc.integer({ min: 1, max: 20_000 }) }),
  fc.record({ do: fc.constant('look' as const) }),
  fc.record({ do: fc.constant('look_amid' as const), symbol, side, size, at: fc.integer({ min: 1, max: 4 }) }),
);

/** What others do with the account. */
const foreignStep = fc.oneof(
  fc.record({ do: fc.constant('outsider' as const), symbol, side, size }),
  fc.record({ do: fc.constant('deposit' as const), size }),
  fc.record({ do: fc.constant('withdraw' as const), size }),
  fc.record({ do: fc.constant('drift' as const), asset: fc.constantFrom('BTC', 'ETH'), size, side }),
  fc.record({ do: fc.constant('hide_fill' as const), size }),
);

type Step = typeof normalStep extends fc.Arbitrary<infer One> ? One : never;
type Foreign = typeof foreignStep extends fc.Arbitrary<infer One> ? One : never;

/** The venue, with something that the desk does just before it answers for the nth time. */
function amid(desk: ReconcileDesk, nth: number, act: () => Promise<unknown>): VenuePort {
  let asked = 0;
  return new Proxy<VenuePort>(desk.venue, {
    get: (target, key) => {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== 'function') return member;
      if (!String(key).startsWith('fetch') || key === 'fetchTickers') return member.bind(target);
      return async (...asking: unknown[]) => {
        asked += 1;
        if (asked === nth) await act();
        return member.apply(target, asking);
      };
    },
  });
}

async function take(step: Step, desk: ReconcileDesk): Promise<unknown> {
  const { venue } = desk;
  switch (step.do) {
    case 'trade':
      return desk.place(step);
    case 'rest':
      return desk.place({ ...step, limit: step.side === 'buy' ? '95' : '105' });
    case 'lose_answer':
      return desk.send(await desk.record(step));
    case 'late_fill': {
      const wanted: Wanted = step;
      const order = await desk.place({ ...wanted, limit: step.side === 'buy' ? '80' : '120' });
      venue.fillLagMs = step.lagMs;
      venue.fillSome(order.orderId, amount('1'));
      venue.fillLagMs = 0;
      return undefined;
    }
    case 'move':
      return venue.setPrice(step.symbol, price(step.to));
    case 'track':
      return desk.track();
    case 'wait':
      return desk.clock.advance(step.forMs);
    case 'look':
      return desk.nextLook();
    case 'look_amid':
      return desk.nextLook(amid(desk, step.at, () => desk.place(step)));
  }
}

/** The end of a history: the desk stops, and whatever was under way comes to rest. */
async function comeToRest(desk: ReconcileDesk): Promise<void> {
  desk.clock.advance(120_000);
  for (let minute = 0; minute < 9; minute++) {
    await desk.track();
    await desk.nextLook();
  }
}

/** What the desk's own orders were filled for at the venue. */
function filledAt(desk: ReconcileDesk, wanted: string): Amount {
  return desk.venue.orders
    .filter(({ request }) => request.symbol === wanted && request.clientOrderId.startsWith('nd'))
    .reduce(
      (sum, { request, filled }) => (request.side === 'buy' ? add(sum, filled) : subtract(sum, filled)),
      zeroAmount,
    );
}

describe('in any history of the desk’s own trading', () => {
  it('no difference is ever confirmed, and the ledger is what the venue has', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(normalStep, { maxLength: 40 }), async (steps) => {
        const desk = await createReconcileDesk();
        await desk.look();
        for (const step of steps) await take(step, desk);
        expect(desk.told()).toEqual([]);
        await comeToRest(desk);
        expect(desk.told()).toEqual([]);
        expect(shown((await desk.books.get('main' as never)) ?? never())).toEqual([]);
        for (const one of symbols) expect(compare(desk.quantityOf(one), filledAt(desk, one))).toBe(0);
      }),
      { numRuns: 40 },
    );
  });
});

describe('in any history in which others use the account, too', () => {
  it('every difference is classed as what it was within a few looks, and the ledger is what the desk has traded', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.array(fc.oneof({ weight: 3, arbitrary: normalStep }, { weight: 1, arbitrary: foreignStep }), {
          maxLength: 30,
        }),
        async (tradesOfAllMarkets, steps) => {
          const desk = await createReconcileDesk({ tradesOfAllMarkets });
          // It is known to trade everywhere: of two trades elsewhere that even out, a venue tells only whoever asks there.
          for (const one of symbols) await desk.place({ symbol: one, side: 'buy', size: '1' });
          await desk.look();
          desk.clock.advance(1);
          const expected = new Map<string, Amount>();
          const expect_ = (key: string, by: Amount) => expected.set(key, add(expected.get(key) ?? zeroAmount, by));
          for (const step of steps) {
            if (isForeign(step)) await interfere(step, desk, expect_);
            else await take(step, desk);
          }
          await comeToRest(desk);
          const told = new Map<string, Amount>();
          for (const text of desk.told()) {
            const [kind = '', subject = '', by = '0'] = text.split(' ');
            const key = kind === 'missed_fill' ? kind : `${kind} ${subject}`;
            told.set(key, add(told.get(key) ?? zeroAmount, kind === 'missed_fill' ? amount('1') : amount(by)));
          }
          const wrong = [...new Set([...expected.keys(), ...told.keys()])].filter(
            (key) => compare(expected.get(key) ?? '0', told.get(key) ?? '0') !== 0,
          );
          expect(wrong.map((key) => [key, expected.get(key), told.get(key)])).toEqual([]);
          const books = (await desk.books.get('main' as never)) ?? never();
          expect(shown(books).filter((text) => text.startsWith('suspected'))).toEqual([]);
          for (const one of symbols) expect(compare(desk.quantityOf(one), filledAt(desk, one))).toBe(0);
        },
      ),
      { numRuns: 40 },
    );
  });
});

const foreignKinds = new Set(['outsider', 'deposit', 'withdraw', 'drift', 'hide_fill']);
const isForeign = (step: Step | Foreign): step is Foreign => foreignKinds.has(step.do);

async function interfere(
  step: Foreign,
  desk: ReconcileDesk,
  note: (key: string, by: Amount) => unknown,
): Promise<void> {
  const { venue, clock } = desk;
  const signed = (by: string, way: 'buy' | 'sell') => (way === 'buy' ? amount(by) : subtract(zeroAmount, amount(by)));
  switch (step.do) {
    case 'outsider':
      venue.placeAsOutsider({ symbol: step.symbol, side: step.side, type: 'market', amount: amount(step.size) });
      note(`outsider_fill ${step.symbol}`, signed(step.size, step.side));
      return;
    case 'deposit':
      venue.account.deposit({ asset: 'USDT', amount: step.size });
      note('deposit USDT', amount(step.size));
      return;
    case 'withdraw':
      venue.account.withdraw({ asset: 'USDT', amount: step.size });
      note('withdrawal USDT', amount(step.size));
      return;
    case 'drift': {
      const by = signed(step.size, step.side);
      venue.account.drift({ asset: step.asset, amount: by });
      note(`drift ${step.asset}`, by);
      return;
    }
    case 'hide_fill': {
      // The desk holds it to be canceled and looks no more, and the venue fills it all the same.
      const order = await desk.place({ side: 'buy', size: step.size, limit: '80' });
      if (order.venueOrderId === undefined) throw new Error('the venue did not take it');
      const canceled = { venueOrderId: order.venueOrderId, status: 'canceled' as const, filled: zeroAmount, fills: [] };
      const ended = await desk.orders.apply(order, { type: 'order.observed', atMs: clock.nowMs(), order: canceled });
      await desk.orders.apply(ended, { type: 'order.settled', atMs: clock.nowMs() });
      venue.fillRest(order.orderId);
      note('missed_fill', amount('1'));
    }
  }
}

function never(): never {
  throw new Error('there are no books');
}
