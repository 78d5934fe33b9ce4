import { amount, type OrderChange, type OrderReference, price, type VenueOrderId } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import type { VenueTraits } from '../../../layers/exchange/src/traits/index.ts';
import { btcUsdt } from '../../support/markets.ts';
import { nowMs, scripted, tradingOn, venueError } from './scripted-trading.ts';

const reference: OrderReference = {
  ...{ clientOrderId: 'nd1', symbol: 'BTC/USDT', side: 'buy', amount: amount('2'), sinceMs: nowMs - 60_000 },
  venueOrderId: 'v1' as VenueOrderId,
};
const resting = {
  ...{ id: 'v1', clientOrderId: 'nd1', status: 'open', type: 'limit', side: 'buy', trades: [] },
  ...{ price: '90', amount: '2', filled: '0.5', timestamp: nowMs },
};
const change = { price: price('91') };

interface Script {
  /** The order at each look, the last of them from then on. */
  shown: readonly object[];
  answer?: () => unknown;
  change?: OrderChange;
  traits?: Partial<VenueTraits>;
}

async function amend({ shown, answer = () => ({}), change: wanted = change, traits = {} }: Script) {
  const looks = [...shown];
  const sent: unknown[][] = [];
  const client = scripted({
    fetchOrder: async () => (looks.length > 1 ? looks.shift() : looks[0]),
    editOrder: async (...order: unknown[]) => {
      sent.push(order);
      return answer();
    },
  });
  const own: Partial<VenueTraits> = {
    amends: { of: () => true, wholeTerms: false, triggerParameters: (triggerPrice) => ({ triggerPrice }) },
    ...traits,
  };
  const outcome = await tradingOn(client, 'some', own).amendOrder(reference, wanted, btcUsdt);
  return { outcome, sent };
}

const fail =
  (name: string, message = 'the venue says so') =>
  () => {
    throw venueError(name, message);
  };

describe('changing an order', () => {
  it('is done when the venue shows it so', async () => {
    const { outcome, sent } = await amend({ shown: [resting, { ...resting, price: '91' }] });
    expect(outcome).toMatchObject({ kind: 'amended', order: { price: '91', amount: '2' } });
    expect(sent).toEqual([['v1', 'BTC/USDT', 'limit', 'buy', undefined, '91', {}]]);
  });

  it('is not asked for where it is so already', async () => {
    const { outcome, sent } = await amend({ shown: [{ ...resting, price: '91.00' }] });
    expect(outcome).toMatchObject({ kind: 'amended', order: { price: '91' } });
    expect(sent).toEqual([]);
  });

  it('names all terms where the venue wants them', async () => {
    const traits = { amends: { of: () => true, wholeTerms: true } };
    const { sent } = await amend({ shown: [resting, { ...resting, price: '91' }], traits });
    expect(sent[0]?.slice(4, 6)).toEqual(['2', '91']);
  });

  it('tells a new trigger in the words of the venue', async () => {
    const wanted = { triggerPrice: price('95') };
    const after = { ...resting, triggerPrice: '95' };
    const { outcome, sent } = await amend({ shown: [resting, after], change: wanted });
    expect(outcome).toMatchObject({ kind: 'amended', order: { triggerPrice: '95' } });
    expect(sent[0]?.at(-1)).toEqual(wanted);
  });

  it('is not known to be done while the venue shows the order as it was', async () => {
    const { outcome } = await amend({ shown: [resting] });
    expect(outcome).toMatchObject({ kind: 'unknown', cause: { code: 'amend_pending' } });
  });

  it('is half done, and therefore not known to be, where one of two changes shows', async () => {
    const wanted = { ...change, amount: amount('3') };
    const { outcome } = await amend({ shown: [resting, { ...resting, price: '91' }], change: wanted });
    expect(outcome).toMatchObject({ kind: 'unknown', cause: { code: 'amend_pending' } });
  });

  it('is refused with the venue’s word and the order as it is', async () => {
    const { outcome } = await amend({ shown: [resting], answer: fail('InvalidOrder') });
    expect(outcome).toMatchObject({ kind: 'not_amended', order: { price: '90' }, evidence: { code: 'invalid_order' } });
  });

  it('was done before where the venue refuses it and shows it so', async () => {
    const { outcome } = await amend({ shown: [resting, { ...resting, price: '91' }], answer: fail('InvalidOrder') });
    expect(outcome).toMatchObject({ kind: 'amended' });
  });

  it.each(['RequestTimeout', 'NetworkError', 'ExchangeNotAvailable', 'RateLimitExceeded', 'Error'])(
    'is not known to be done or not after %s',
    async (name) => {
      const { outcome } = await amend({ shown: [resting], answer: fail(name) });
      expect(outcome.kind).toBe('unknown');
    },
  );

  it.each(['filled', 'canceled'])('comes too late for an order that is %s meanwhile', async (status) => {
    const ended = {
      ...resting,
      status: status === 'filled' ? 'closed' : status,
      ...(status === 'filled' && { filled: '2' }),
    };
    expect((await amend({ shown: [ended] })).outcome).toMatchObject({
      ...{ kind: 'not_amended', order: { status }, evidence: { code: 'order_not_open' } },
    });
    const { outcome } = await amend({ shown: [resting, ended], answer: fail('OrderNotFound') });
    expect(outcome).toMatchObject({ kind: 'not_amended', order: { status } });
  });

  it.each<OrderChange>([{ price: price('91.005') }, { triggerPrice: price('95.005') }])(
    'to a number between the steps is refused unsent',
    async (wanted) => {
      const sent: unknown[] = [];
      const client = scripted({
        fetchOrder: async () => resting,
        editOrder: async (...order: unknown[]) => sent.push(order),
        priceToPrecision: (_symbol: string, text: string) => text.slice(0, 5),
      });
      const amends = { of: () => true, wholeTerms: false, triggerParameters: () => ({}) };
      const outcome = await tradingOn(client, 'some', { amends }).amendOrder(reference, wanted, btcUsdt);
      expect(outcome).toMatchObject({ kind: 'not_amended', evidence: { code: 'invalid_order' } });
      expect(sent).toEqual([]);
    },
  );

  it.each<[string, Partial<VenueTraits>, OrderChange]>([
    ['in place', { amends: { of: () => false, wholeTerms: false } }, change],
    ['its trigger in place', { amends: { of: () => true, wholeTerms: false } }, { triggerPrice: price('95') }],
  ])('is refused unsent where the venue cannot change %s', async (_what, traits, wanted) => {
    const { outcome, sent } = await amend({ shown: [resting], traits, change: wanted });
    expect(outcome).toMatchObject({ kind: 'not_amended', evidence: { code: 'not_supported' } });
    expect(sent).toEqual([]);
  });

  it('is not asked for while the order cannot be looked at', async () => {
    const client = scripted({ fetchOrder: fail('RequestTimeout'), editOrder: fail('TypeError') });
    const trading = tradingOn(client, 'some', { amends: { of: () => true, wholeTerms: false } });
    expect(await trading.amendOrder(reference, change, btcUsdt)).toMatchObject({
      ...{ kind: 'unknown', cause: { code: 'timeout' } },
    });
  });
});
