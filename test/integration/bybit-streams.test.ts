import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { sign, socketPayload } from '../../local/simulators/bybit/signature.ts';
import type { BybitSimulator } from '../../local/simulators/bybit/simulator.ts';
import { control, mainAccount, perpetual, restClient, spot, startSimulator, streamClient } from './bybit-support.ts';

let simulator: BybitSimulator;

beforeAll(async () => {
  simulator = await startSimulator({ tickMs: 50 });
});

beforeEach(async () => {
  await control(simulator.url, 'POST', 'reset');
});

afterAll(async () => {
  await simulator.close();
});

type Message = Record<string, unknown>;

/** A plain connection that hands out messages one by one. */
async function connect(path: string) {
  const socket = new WebSocket(simulator.wsUrl + path);
  const messages: Message[] = [];
  const waiting: (() => void)[] = [];
  socket.on('message', (data) => {
    messages.push(JSON.parse(data.toString()) as Message);
    waiting.shift()?.();
  });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return {
    socket,
    send: (message: unknown) => socket.send(JSON.stringify(message)),
    /** The next message that fits; others are skipped. */
    async next(fits: (message: Message) => boolean = () => true): Promise<Message> {
      for (;;) {
        const message = messages.shift();
        if (message === undefined) await new Promise<void>((resolve) => waiting.push(resolve));
        else if (fits(message)) return message;
      }
    },
  };
}

function loginRequest(secret = mainAccount.secret) {
  const expires = String(Date.now() + 10_000);
  return { op: 'auth', args: [mainAccount.apiKey, expires, sign(socketPayload(expires), secret)] };
}

describe("ccxt.pro's bybit class against the simulator", () => {
  it.each([spot, perpetual])('follows book, trades, ticker and candles of %s', async (symbol) => {
    const exchange = await streamClient(simulator);
    await exchange.loadMarkets();
    for (let update = 0; update < 5; update++) {
      const { bids, asks } = await exchange.watchOrderBook(symbol);
      expect(Number(asks[0]?.[0])).toBeGreaterThan(Number(bids[0]?.[0]));
    }
    expect((await exchange.watchTrades(symbol))[0]?.symbol).toBe(symbol);
    expect(Number((await exchange.watchTicker(symbol)).last)).toBeGreaterThan(0);
    expect((await exchange.watchOHLCV(symbol, '1m')).length).toBeGreaterThan(0);
    await exchange.close();
  });

  it('reports own orders, trades, positions and balances', async () => {
    const exchange = await streamClient(simulator);
    await exchange.loadMarkets();
    await exchange.fetchPositions();
    exchange.options.watchPositions = { fetchPositionsSnapshot: false, awaitPositionsSnapshot: false };
    const watching = {
      orders: exchange.watchOrders(perpetual),
      trades: exchange.watchMyTrades(perpetual),
      positions: exchange.watchPositions([perpetual]),
      balance: exchange.watchBalance(),
    };
    await exchange.authenticate(`${simulator.wsUrl}/v5/private`);
    const placing = restClient(simulator);
    await placing.loadMarkets();
    const { id } = await placing.createOrder(perpetual, 'market', 'buy', 0.2, undefined, { clientOrderId: 'stream-1' });
    expect((await watching.orders)[0]).toMatchObject({ id, clientOrderId: 'stream-1', symbol: perpetual });
    expect((await watching.trades)[0]).toMatchObject({ order: id, side: 'buy', takerOrMaker: 'taker' });
    expect((await watching.positions)[0]).toMatchObject({ symbol: perpetual, side: 'long', contracts: 0.2 });
    expect(Number((await watching.balance).USDT?.total) / 10_000_000).toBeCloseTo(1, 4);
    await exchange.close();
  });

  it('places and cancels over the trading socket', async () => {
    const exchange = await streamClient(simulator);
    await exchange.loadMarkets();
    const price = Math.round(Number((await exchange.fetchTicker(spot)).last) * 0.95);
    const placed = await exchange.createOrderWs(spot, 'limit', 'buy', 0.01, price);
    expect((await exchange.fetchOpenOrders(spot)).map(({ id }) => id)).toEqual([placed.id]);
    await exchange.cancelOrderWs(String(placed.id), spot);
    expect(await exchange.fetchOpenOrders(spot)).toEqual([]);
    await expect(exchange.createOrderWs(spot, 'limit', 'buy', 5_000_000, price)).rejects.toThrow(/170135/);
    await exchange.close();
  });
});

describe('public topics', () => {
  it('keep a book that agrees with REST at the same sequence, without a gap', async () => {
    const stream = await connect('/v5/public/linear');
    stream.send({ op: 'subscribe', req_id: '1', args: ['orderbook.50.BTCUSDT'] });
    expect(await stream.next()).toMatchObject({ success: true, op: 'subscribe', req_id: '1' });
    const bids = new Map<string, string>();
    let lastId: number | undefined;
    const comparisonsMax = 200;
    for (let attempt = 0; attempt < comparisonsMax; attempt++) {
      const { type, data } = (await stream.next()) as { type: string; data: Book };
      expect(type).toBe(lastId === undefined ? 'snapshot' : 'delta');
      if (lastId !== undefined) expect(data.u).toBe(lastId + 1);
      lastId = data.u;
      for (const [price, quantity] of data.b) {
        if (quantity === '0') bids.delete(price);
        else bids.set(price, quantity);
      }
      const rest = await fetch(`${simulator.url}/v5/market/orderbook?category=linear&symbol=BTCUSDT&limit=50`);
      const { result } = (await rest.json()) as { result: Book };
      // Only a book of the very same moment can be compared; the next message brings another chance.
      if (result.seq !== data.seq || attempt < 5) continue;
      expect(bids).toEqual(new Map(result.b));
      stream.socket.terminate();
      return;
    }
    throw new Error(`no book of the same moment in ${comparisonsMax} messages`);
  });

  it('send changes of a perpetual ticker only, answer pings, and refuse what there is not', async () => {
    const stream = await connect('/v5/public/linear');
    stream.send({ op: 'ping', req_id: 'p' });
    expect(await stream.next()).toMatchObject({ success: true, ret_msg: 'pong', req_id: 'p', op: 'ping' });
    stream.send({ op: 'subscribe', args: ['tickers.BTCUSDT', 'invalid.topic.BTCUSDT'] });
    expect(await stream.next()).toMatchObject({ success: false, ret_msg: 'Invalid topic: invalid.topic.BTCUSDT' });
    stream.send({ op: 'subscribe', args: ['tickers.BTCUSDT', 'kline.1.BTCUSDT'] });
    const whole = await stream.next(({ topic }) => topic === 'tickers.BTCUSDT');
    expect(whole).toMatchObject({ type: 'snapshot', data: { fundingIntervalHour: '8' } });
    const change = await stream.next(({ type }) => type === 'delta');
    expect(change.data).not.toHaveProperty('fundingIntervalHour');
    stream.send({ op: 'unsubscribe', req_id: 'u', args: ['tickers.BTCUSDT'] });
    await stream.next((message) => message.req_id === 'u');
    expect(await stream.next(({ topic }) => topic !== undefined)).toMatchObject({ topic: 'kline.1.BTCUSDT' });
    stream.socket.terminate();
  });
});

interface Book {
  b: [string, string][];
  u: number;
  seq: number;
}

describe('private topics', () => {
  it('need a login, and tell of orders and of the wallet', async () => {
    const stream = await connect('/v5/private');
    stream.send({ op: 'subscribe', args: ['order'] });
    expect(await stream.next()).toMatchObject({ success: false, ret_msg: 'Request not authorized' });
    stream.send(loginRequest('wrong'));
    expect(await stream.next()).toMatchObject({ op: 'auth', success: false, retCode: 10004 });
    stream.send(loginRequest());
    expect(await stream.next()).toMatchObject({ op: 'auth', success: true, retCode: 0 });
    stream.send({ op: 'subscribe', args: ['order', 'wallet'] });
    await control(simulator.url, 'POST', 'outsider', {
      ...{ action: 'deposit', account: 'main', asset: 'USDT', amount: '7' },
    });
    const wallet = await stream.next(({ topic }) => topic === 'wallet');
    expect(wallet.data).toMatchObject([
      { accountType: 'UNIFIED', coin: [{ coin: 'USDT', walletBalance: '10000007.00000000' }] },
    ]);
    stream.socket.terminate();
  });

  it('are cut by a fault', async () => {
    const stream = await connect('/v5/private');
    const closed = new Promise((resolve) => stream.socket.once('close', resolve));
    await control(simulator.url, 'POST', 'faults', { kind: 'disconnect-streams' });
    await closed;
  });
});
