import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KrakenSimulator } from '../../local/simulators/kraken/simulator.ts';
import { connect, type Message } from './kraken-socket.ts';
import { callPrivate, control, restClient, startSimulator, streamClient } from './kraken-support.ts';

let simulator: KrakenSimulator;

beforeAll(async () => {
  simulator = await startSimulator({ tickMs: 50 });
});
afterAll(() => simulator.close());

describe('connections', () => {
  it('tell their status, answer pings, beat, and refuse what they do not know', async () => {
    const client = await connect(simulator.wsUrl);
    expect(await client.next()).toMatchObject({ channel: 'status', data: [{ api_version: 'v2', system: 'online' }] });
    client.send({ method: 'ping', req_id: 42 });
    expect(await client.next()).toMatchObject({ method: 'pong', req_id: '42', time_in: expect.any(String) });
    const refusals: [object, string][] = [
      [{ channel: 'ticker', symbol: ['NO/SUCH'] }, 'Currency pair not supported NO/SUCH'],
      [{ channel: 'book', symbol: ['BTC/USD'], depth: 11 }, 'Subscription depth not supported'],
      [{ channel: 'gossip' }, 'Subscription name invalid'],
      [{ channel: 'executions', token: 'forged' }, 'ESession:Invalid session'],
    ];
    for (const [params, error] of refusals) {
      client.send({ method: 'subscribe', params });
      expect(await client.next()).toMatchObject({ success: false, error });
    }
    client.send('nonsense');
    expect(await client.next()).toMatchObject({ success: false, error: 'Malformed request' });
    client.send({ method: 'subscribe', params: { channel: 'instrument' } });
    const instruments = await client.next(({ channel }) => channel === 'instrument');
    const { pairs } = instruments.data as { pairs: Message[] };
    expect(pairs).toContainEqual(
      expect.objectContaining({ symbol: 'BTC/USD', price_increment: '0.1', qty_increment: '0.00000001' }),
    );
    expect((await client.next()).channel).toBe('heartbeat');
    client.close();
  });

  it('end a subscription when asked to', async () => {
    const client = await connect(simulator.wsUrl);
    const params = { channel: 'trade', symbol: ['BTC/USD'] };
    client.send({ method: 'subscribe', params: { ...params, snapshot: true } });
    const snapshot = await client.next(({ channel }) => channel === 'trade');
    expect(snapshot).toMatchObject({ type: 'snapshot' });
    client.send({ method: 'subscribe', params });
    expect(await client.next(({ success }) => success === false)).toMatchObject({ error: 'Already subscribed' });
    client.send({ method: 'unsubscribe', params });
    expect(await client.next(({ method }) => method === 'unsubscribe')).toMatchObject({ success: true });
    client.send({ method: 'unsubscribe', params });
    expect(await client.next(({ method }) => method === 'unsubscribe')).toMatchObject({ success: false });
    client.close();
  });
});

describe("ccxt.pro's kraken class against the simulator", () => {
  it('reports own orders, trades and balances', async () => {
    const exchange = await streamClient(simulator);
    await exchange.loadMarkets();
    const rest = restClient(simulator);
    await rest.loadMarkets();
    expect((await exchange.watchBalance()).ETH?.total).toBeGreaterThan(0);
    const opened = exchange.watchOrders();
    await expect.poll(() => Object.keys(exchange.clients).length).toBeGreaterThan(0);
    const { id } = await rest.createOrder('ETH/USD', 'limit', 'buy', 0.02, 1000);
    expect((await opened).find((order) => order.id === id)).toMatchObject({
      ...{ symbol: 'ETH/USD', status: 'open', amount: 0.02, price: 1000 },
    });
    const canceled = exchange.watchOrders();
    await rest.cancelOrder(String(id), 'ETH/USD');
    expect((await canceled).at(-1)).toMatchObject({ id, status: 'canceled' });
    const traded = exchange.watchMyTrades('ETH/USD');
    const bought = await rest.createOrder('ETH/USD', 'market', 'buy', 0.02);
    expect((await traded).at(-1)).toMatchObject({ order: bought.id, side: 'buy', takerOrMaker: 'taker', amount: 0.02 });
    await exchange.close();
  });
});

describe('the executions channel', () => {
  it('reports each step of an order, numbered, and nothing of a fill that a fault hides', async () => {
    const { result } = await callPrivate(simulator.url, 'GetWebSocketsToken');
    const client = await connect(simulator.wsUrl);
    const params = { channel: 'executions', token: result?.token, snap_orders: true, snap_trades: true };
    client.send({ method: 'subscribe', params });
    const isExecution = ({ channel }: Message) => channel === 'executions';
    const snapshots = [await client.next(isExecution), await client.next(isExecution)];
    expect(snapshots.map(({ type, sequence }) => [type, sequence])).toEqual([
      ['snapshot', '1'],
      ['snapshot', '2'],
    ]);
    const steps = async (count: number) => {
      const found: unknown[] = [];
      for (let step = 0; step < count; step++) {
        const [report] = (await client.next(isExecution)).data as [Message];
        found.push([report.exec_type, report.order_status]);
      }
      return found;
    };
    await control(simulator.url, 'POST', 'faults', { kind: 'hide-fill', hideMs: 60_000, count: 1 });
    const order = { pair: 'SOLUSD', type: 'buy', ordertype: 'market', volume: '0.1' };
    await callPrivate(simulator.url, 'AddOrder', { ...order, cl_ord_id: 'hidden' });
    await callPrivate(simulator.url, 'AddOrder', { ...order, cl_ord_id: 'seen' });
    expect(await steps(6)).toEqual([
      ['pending_new', 'pending_new'],
      ['new', 'new'],
      ['pending_new', 'pending_new'],
      ['new', 'new'],
      ['trade', 'filled'],
      ['filled', 'filled'],
    ]);
    client.close();
  });
});

const recordings = new URL('../../../shared/data/payloads/kraken/', import.meta.url);

describe.skipIf(!existsSync(recordings))('messages beside recorded ones (skipped without the recordings)', () => {
  const recorded = (name: string) => JSON.parse(readFileSync(new URL(`${name}.json`, recordings), 'utf8')) as Message;
  const fieldsOf = (message: Message) => Object.keys((message.data as Message[])[0] ?? {});

  it.each([
    ['book', 'snapshot', 'ws_book_snapshot', {}],
    ['book', 'update', 'ws_book_update', {}],
    ['ticker', 'snapshot', 'ws_ticker_snapshot', {}],
    ['trade', 'update', 'ws_trade_update', {}],
    ['ohlc', 'update', 'ws_ohlc_update', { interval: 1 }],
  ])('%s %s has every field of the recording', async (channel, type, name, options) => {
    const client = await connect(simulator.wsUrl);
    client.send({ method: 'subscribe', params: { channel, symbol: ['BTC/USD'], ...options } });
    const message = await client.next((candidate) => candidate.channel === channel && candidate.type === type);
    expect(fieldsOf(message)).toEqual(expect.arrayContaining(fieldsOf(recorded(name))));
    client.close();
  });

  it('AssetPairs, Ticker and orders have every field of the recordings', async () => {
    const entryOf = (answer: unknown) => Object.values((answer as { result: object }).result)[0] as Message;
    const listed = async (path: string) => (await fetch(`${simulator.url}/0/public/${path}`)).json();
    const omitted = [
      'execution_venue',
      'long_position_limit',
      'short_position_limit',
      'position_limit_long',
      'position_limit_short',
    ];
    const wanted = Object.keys(entryOf(recorded('http_asset_pairs'))).filter((field) => !omitted.includes(field));
    expect(Object.keys(entryOf(await listed('AssetPairs?pair=XBTUSDT')))).toEqual(expect.arrayContaining(wanted));
    expect(Object.keys(entryOf(await listed('Ticker?pair=XBTUSDT')))).toEqual(
      Object.keys(entryOf(recorded('http_ticker'))),
    );
    const resting = { pair: 'XBTUSDT', type: 'buy', ordertype: 'limit', volume: '0.01', price: '50000', userref: '1' };
    await callPrivate(simulator.url, 'AddOrder', resting);
    const own = entryOf({ result: (await callPrivate(simulator.url, 'OpenOrders')).result?.open });
    const other = entryOf({ result: (recorded('http_open_orders') as { result: { open: object } }).result.open });
    expect(Object.keys(own)).toEqual(expect.arrayContaining(Object.keys(other)));
    await callPrivate(simulator.url, 'CancelAll');
  });
});
