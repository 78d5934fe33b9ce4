import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Catalog, type PairStatus } from '../../local/simulators/kraken/catalog.ts';
import type { KrakenSimulator } from '../../local/simulators/kraken/simulator.ts';
import { orderIdOf, orderTxid } from '../../local/simulators/kraken/txid.ts';
import { callPrivate, callPublic, control, simulatedOrders, startSimulator } from './kraken-support.ts';

const seed = 11;
const symbolsCount = 700;

let simulator: KrakenSimulator;
let last: number;

beforeAll(async () => {
  simulator = await startSimulator({ seed, symbolsCount });
  const ticker = (await callPublic(simulator.url, 'Ticker?pair=XBTUSD')).result as { XXBTZUSD: { c: string[] } };
  last = Number(ticker.XXBTZUSD.c[0]);
});
afterAll(() => simulator.close());
afterEach(() => callPrivate(simulator.url, 'CancelAll'));

const limitOrder = (changes: Record<string, string> = {}) => ({
  ...{ pair: 'XBTUSD', type: 'buy', ordertype: 'limit', volume: '0.01', price: String(Math.round(last * 0.8)) },
  ...changes,
});
const add = (changes: Record<string, string> = {}) => callPrivate(simulator.url, 'AddOrder', limitOrder(changes));
const placed = async (changes: Record<string, string> = {}) => {
  const { error, result } = await add(changes);
  expect(error).toEqual([]);
  return String((result as { txid: string[] }).txid[0]);
};
const pairWith = (status: PairStatus) => {
  const spec = new Catalog({ seed, symbolsCount }).list().find((pair) => pair.status === status);
  if (spec === undefined) throw new Error(`no pair is ${status}`);
  return spec;
};

describe('orders that Kraken refuses', () => {
  it.each<[string, Record<string, string>, string]>([
    ['no pair', { pair: '' }, 'EGeneral:Invalid arguments:pair'],
    ['an unknown pair', { pair: 'XBTXYZ' }, 'EQuery:Unknown asset pair'],
    ['a wrong side', { type: 'hold' }, 'EGeneral:Invalid arguments:type'],
    ['an unknown type', { ordertype: 'settle' }, 'EGeneral:Invalid arguments:ordertype'],
    ['an iceberg that shows nothing', { ordertype: 'iceberg' }, 'EGeneral:Invalid arguments:displayvol'],
    ['an iceberg that shows too little', { displayvol: '0.0006' }, 'EGeneral:Invalid arguments:displayvol'],
    ['an iceberg that shows too much', { displayvol: '0.02' }, 'EGeneral:Invalid arguments:displayvol'],
    [
      'a trailing stop without a plus',
      { ordertype: 'trailing-stop', price: '100' },
      'EOrder:Invalid price:Invalid price argument',
    ],
    [
      'a trailing stop with a minus',
      { ordertype: 'trailing-stop', price: '-100' },
      'EOrder:Invalid price:Invalid price argument',
    ],
    [
      'a trailing limit that says not where',
      { ordertype: 'trailing-stop-limit', price: '+100' },
      'EGeneral:Invalid arguments:price2',
    ],
    ['no volume', { volume: '' }, 'EGeneral:Invalid arguments:volume'],
    ['a volume of zero', { volume: '0' }, 'EGeneral:Invalid arguments:volume'],
    ['a volume with nine decimals', { volume: '0.010000001' }, 'EGeneral:Invalid arguments:volume'],
    ['too small a volume', { volume: '0.00001' }, 'EOrder:Order minimum not met'],
    ['too small a cost', { price: '10', volume: '0.0001' }, 'EOrder:Cost minimum not met'],
    ['a price that is no number', { price: 'ten' }, 'EOrder:Invalid price:Invalid price argument'],
    ['a relative price', { price: '-5%' }, 'EOrder:Invalid price:Invalid price argument'],
    [
      'too fine a price',
      { price: '50000.12' },
      'EOrder:Invalid price:XBT/USD price can only be specified up to 1 decimals.',
    ],
    ['an unknown time in force', { timeinforce: 'FOREVER' }, 'EGeneral:Invalid arguments:timeinforce'],
    ['GTD without an end', { timeinforce: 'GTD' }, 'EGeneral:Invalid arguments:expiretm'],
    ['an end in the past', { timeinforce: 'GTD', expiretm: '1600000000' }, 'EGeneral:Invalid arguments:expiretm'],
    ['unknown flags', { oflags: 'post,fast' }, 'EGeneral:Invalid arguments:oflags'],
    ['both fee flags', { oflags: 'fcib,fciq' }, 'EGeneral:Invalid arguments:oflags'],
    ['a cost on a limit order', { oflags: 'viqc' }, 'EGeneral:Invalid arguments:viqc'],
    ['margin', { leverage: '3' }, 'EOrder:Cannot open position'],
    ['more than the account has', { volume: '1000' }, 'EOrder:Insufficient funds'],
    ['a post-only price that would take', { price: '1000000', oflags: 'post' }, 'EOrder:Post only order'],
    ['a client id that is too long', { cl_ord_id: 'x'.repeat(19) }, 'EGeneral:Invalid arguments:cl_ord_id'],
    ['a client id with other letters', { cl_ord_id: 'Ünïcode' }, 'EGeneral:Invalid arguments:cl_ord_id'],
    ['a reference that is no number', { userref: 'mine' }, 'EGeneral:Invalid arguments:userref'],
    ['a reference over 32 bits', { userref: '2147483648' }, 'EGeneral:Invalid arguments:userref'],
    ['both kinds of id', { userref: '1', cl_ord_id: 'a' }, 'EGeneral:Invalid arguments:cl_ord_id and userref'],
    ['a deadline that has passed', { deadline: '2020-01-01T00:00:00Z' }, 'EService:Deadline elapsed'],
    ['a deadline that is no time', { deadline: 'soon' }, 'EGeneral:Invalid arguments:deadline'],
    ['a close order', { 'close[ordertype]': 'limit' }, 'EGeneral:Invalid arguments:close[ordertype]'],
  ])('%s', async (_, changes, error) => {
    expect(await add(changes)).toEqual({ error: [error] });
  });

  it.each<PairStatus>(['cancel_only', 'post_only', 'limit_only'])('in a market in %s mode', async (status) => {
    const { altname } = pairWith(status);
    const order = { pair: altname, ordertype: 'market', volume: '100000' };
    expect(await add(order)).toEqual({ error: [`EService:Market in ${status} mode`] });
  });

  it('calls and keys of another kind', async () => {
    expect(await callPrivate(simulator.url, 'NoSuchCall')).toEqual({ error: ['EGeneral:Unknown method'] });
    expect(await callPublic(simulator.url, 'NoSuchCall')).toEqual({ error: ['EGeneral:Unknown method'] });
    expect(await callPublic(simulator.url, 'Assets?asset=NOPE')).toEqual({ error: ['EQuery:Unknown asset'] });
  });
});

describe('client order ids', () => {
  it.each(['d15708c1-dbb6-465d-b77d-47258319cc90', 'd15708c1dbb6465db77d47258319cc90', 'free text 18 long'])(
    'may look like %s',
    async (clientOrderId) => {
      const txid = await placed({ cl_ord_id: clientOrderId });
      const { result } = await callPrivate(simulator.url, 'OpenOrders', { cl_ord_id: clientOrderId });
      expect(result).toMatchObject({ open: { [txid]: { cl_ord_id: clientOrderId, status: 'open', userref: null } } });
    },
  );

  it('are unlike those of all open orders, in any pair, and may be used again afterwards', async () => {
    const first = await placed({ cl_ord_id: 'again' });
    const refused = { error: ['EOrder:Duplicate client order id'] };
    expect(await add({ cl_ord_id: 'again' })).toEqual(refused);
    expect(await add({ cl_ord_id: 'again', pair: 'ETHUSD', price: '1000', volume: '0.1' })).toEqual(refused);
    await callPrivate(simulator.url, 'CancelOrder', { cl_ord_id: 'again' });
    const second = await placed({ cl_ord_id: 'again' });
    expect(second).not.toBe(first);
  });
});

describe('the life of an order', () => {
  it('ends at once when nothing of it can trade immediately', async () => {
    const txid = await placed({ timeinforce: 'IOC' });
    const { result } = await callPrivate(simulator.url, 'QueryOrders', { txid });
    expect(result).toMatchObject({ [txid]: { status: 'canceled', vol_exec: '0.00000000' } });
  });

  it('ends when its time has come', async () => {
    const txid = await placed({ timeinforce: 'GTD', expiretm: '+1' });
    const status = async () => {
      const { result } = await callPrivate(simulator.url, 'QueryOrders', { txid });
      return (result as Record<string, { status: string }>)[txid]?.status;
    };
    expect(await status()).toBe('open');
    await expect.poll(status, { interval: 200 }).toBe('expired');
  });

  it('shows nothing of an order that is only validated', async () => {
    const before = (await simulatedOrders(simulator.url)).length;
    const { error, result } = await add({ validate: 'true' });
    expect({ error, names: Object.keys(result ?? {}) }).toEqual({ error: [], names: ['descr'] });
    expect(await add({ validate: 'true', volume: '1000' })).toEqual({ error: ['EOrder:Insufficient funds'] });
    expect(await simulatedOrders(simulator.url)).toHaveLength(before);
  });

  it('refuses amendments that do not fit, and ends an order that is amended to less than has traded', async () => {
    const amend = (params: Record<string, string>) => callPrivate(simulator.url, 'AmendOrder', params);
    const txid = await placed();
    expect(await amend({ txid })).toEqual({ error: ['EGeneral:Invalid arguments'] });
    expect(await amend({ txid, limit_price: '1000000', post_only: 'true' })).toEqual({
      error: ['EOrder:Post only order'],
    });
    expect(await amend({ txid, order_qty: '10000' })).toEqual({ error: ['EOrder:Insufficient funds'] });
    expect(await amend({ txid, trigger_price: '5' })).toEqual({ error: ['EGeneral:Invalid arguments:trigger_price'] });
    expect(await amend({ txid: 'OAAAAA-AAAAA-AAAAAA', order_qty: '1' })).toEqual({ error: ['EOrder:Unknown order'] });
    await control(simulator.url, 'POST', 'faults', { kind: 'partial-fill', ratio: '0.5', everyMs: 3_600_000 });
    const partial = await placed({ price: String(Math.round(last * 1.2)), volume: '0.02' });
    await control(simulator.url, 'DELETE', 'faults');
    expect((await amend({ txid: partial, order_qty: '0.005' })).error).toEqual([]);
    const { result } = await callPrivate(simulator.url, 'QueryOrders', { txid: partial });
    expect(result).toMatchObject({ [partial]: { status: 'canceled', vol_exec: '0.01000000' } });
  });

  it('has an id from which its number can be read, and from no other', () => {
    expect(orderTxid(100_000_001)).toMatch(/^O[A-Z2-7]{5}-[A-Z2-7]{5}-[A-Z2-7]{6}$/);
    expect(orderIdOf(orderTxid(100_000_001))).toBe(100_000_001);
    expect(orderIdOf(orderTxid(100_000_001).replace('O', 'T'))).toBeUndefined();
    expect(orderIdOf('OAAAAA-AAAAA-AAAAAA')).toBeUndefined();
  });
});

describe('the past', () => {
  it('comes fifty at a time, newest first, between times or transactions', async () => {
    const venue = await startSimulator();
    try {
      const market = { pair: 'ETHUSD', type: 'buy', ordertype: 'market', volume: '0.01' };
      for (let order = 0; order < 55; order++) await callPrivate(venue.url, 'AddOrder', market);
      const history = async (params: Record<string, string>) => {
        const { result } = await callPrivate(venue.url, 'TradesHistory', params);
        return result as { count: number; trades: Record<string, { time: number }> };
      };
      const [first, second] = [await history({}), await history({ ofs: '50' })];
      expect([first.count, Object.keys(first.trades).length, Object.keys(second.trades).length]).toEqual([55, 50, 5]);
      const times = [...Object.values(first.trades), ...Object.values(second.trades)].map(({ time }) => time);
      expect(times).toEqual(times.toSorted((left, right) => right - left));
      const [, , thirdNewest] = Object.keys(first.trades);
      expect(Object.keys((await history({ start: String(thirdNewest) })).trades)).toEqual(
        Object.keys(first.trades).slice(0, 2),
      );
      const closed = async (params: Record<string, string>) => {
        const { result } = await callPrivate(venue.url, 'ClosedOrders', params);
        return result as { count: number; closed: Record<string, { trades?: string[] }> };
      };
      const orders = await closed({ trades: 'true', ofs: '5' });
      expect([orders.count, Object.keys(orders.closed).length]).toEqual([55, 50]);
      expect(Object.values(orders.closed)[0]?.trades).toHaveLength(1);
      expect((await closed({ end: '1600000000' })).count).toBe(0);
    } finally {
      await venue.close();
    }
  });

  it('answers for ids that it has, refuses those that are none', async () => {
    const txid = await placed();
    const { result } = await callPrivate(simulator.url, 'QueryOrders', { txid: `${txid},OAAAAA-AAAAA-AAAAAA` });
    expect(Object.keys(result ?? {})).toEqual([txid]);
    expect(await callPrivate(simulator.url, 'QueryOrders', { txid: 'nonsense' })).toEqual({
      error: ['EOrder:Invalid order'],
    });
    expect((await callPrivate(simulator.url, 'QueryTrades', { txid: 'TAAAAA-AAAAA-AAAAAA' })).result).toEqual({});
  });
});
