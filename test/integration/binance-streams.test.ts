import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import type { BinanceSimulator } from '../../local/simulators/binance/simulator.ts';
import { control, mainAccount, restClient, startSimulator, streamClient } from './binance-support.ts';

let simulator: BinanceSimulator;

beforeAll(async () => {
  simulator = await startSimulator({ symbolsCount: 60, tickMs: 50 });
});

afterAll(async () => {
  await simulator.close();
});

type Message = Record<string, unknown>;

/** A plain connection that hands out messages one by one. */
async function connect(url: string) {
  const socket = new WebSocket(url);
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

const origin = () => simulator.url.replace('http', 'ws');

describe("ccxt.pro's binance class against the simulator", () => {
  it('follows a book, trades, a ticker and candles', async () => {
    const exchange = await streamClient(simulator);
    await exchange.loadMarkets();
    const book = await exchange.watchOrderBook('BTC/USDT');
    const firstNonce = Number(book.nonce);
    for (let update = 0; update < 5; update++) {
      const { bids, asks } = await exchange.watchOrderBook('BTC/USDT');
      expect(Number(asks[0]?.[0])).toBeGreaterThan(Number(bids[0]?.[0]));
    }
    expect(Number((await exchange.watchOrderBook('BTC/USDT')).nonce)).toBeGreaterThan(firstNonce);
    expect((await exchange.watchTrades('BTC/USDT'))[0]?.symbol).toBe('BTC/USDT');
    expect(Number((await exchange.watchTicker('BTC/USDT')).last)).toBeGreaterThan(0);
    expect((await exchange.watchOHLCV('BTC/USDT', '1m')).length).toBeGreaterThan(0);
    await exchange.close();
  });

  it('reports own orders, trades and balances', async () => {
    const exchange = await streamClient(simulator);
    await exchange.loadMarkets();
    const watching = [
      exchange.watchOrders('ETH/USDT'),
      exchange.watchMyTrades('ETH/USDT'),
      exchange.watchBalance(),
    ] as const;
    const orders = (async () => {
      for (let current = await watching[0]; ; current = await exchange.watchOrders('ETH/USDT')) {
        const closed = current.find(({ clientOrderId, status }) => clientOrderId === 'stream-1' && status === 'closed');
        if (closed !== undefined) return closed;
      }
    })();
    await exchange.authenticate();
    const order = await restClient(simulator).createOrder('ETH/USDT', 'market', 'buy', 0.2, undefined, {
      clientOrderId: 'stream-1',
    });
    expect((await orders).id).toBe(order.id);
    expect((await watching[1])[0]?.order).toBe(order.id);
    expect((await watching[2]).ETH?.free).toBeGreaterThan(100);
    await exchange.close();
  });
});

describe('raw streams', () => {
  it('give depth differences without a gap that agree with the REST book', async () => {
    const stream = await connect(`${origin()}/ws/btcusdt@depth@100ms`);
    const first = await stream.next();
    const snapshot = (await (await fetch(`${simulator.url}/api/v3/depth?symbol=BTCUSDT&limit=1000`)).json()) as {
      lastUpdateId: number;
      bids: [string, string][];
    };
    const bids = new Map(snapshot.bids);
    let lastId = Number(first.u);
    for (let event = await stream.next(); ; event = await stream.next()) {
      expect(event.U).toBe(lastId + 1);
      lastId = Number(event.u);
      if (lastId <= snapshot.lastUpdateId) continue;
      for (const [price, quantity] of event.b as [string, string][]) {
        if (Number(quantity) === 0) bids.delete(price);
        else bids.set(price, quantity);
      }
      const now = (await (
        await fetch(`${simulator.url}/api/v3/depth?symbol=BTCUSDT&limit=1000`)
      ).json()) as typeof snapshot;
      // Only a book of the very same moment can be compared; the next event brings another chance.
      if (now.lastUpdateId !== lastId) continue;
      expect(new Map(now.bids)).toEqual(bids);
      break;
    }
    stream.socket.terminate();
  });

  it('subscribe, list, unsubscribe and wrap combined streams', async () => {
    const stream = await connect(`${origin()}/stream?streams=btcusdt@bookTicker`);
    expect(await stream.next()).toEqual(expect.objectContaining({ stream: 'btcusdt@bookTicker' }));
    stream.send({ method: 'SUBSCRIBE', params: ['ethusdt@depth5@100ms', '!ticker@arr'], id: 1 });
    expect(await stream.next(({ id }) => id === 1)).toEqual({ result: null, id: 1 });
    const partial = await stream.next((message) => message.stream === 'ethusdt@depth5@100ms');
    expect((partial.data as { bids: unknown[] }).bids.length).toBe(5);
    const all = await stream.next((message) => message.stream === '!ticker@arr');
    expect((all.data as Message[]).map(({ s }) => s)).toContain('ETHUSDT');
    stream.send({ method: 'UNSUBSCRIBE', params: ['btcusdt@bookTicker', '!ticker@arr'], id: 2 });
    stream.send({ method: 'LIST_SUBSCRIPTIONS', id: 3 });
    expect((await stream.next(({ id }) => id === 3)).result).toEqual(['ethusdt@depth5@100ms']);
    stream.send('nonsense');
    expect((await stream.next(({ error }) => error !== undefined)).error).toEqual(expect.objectContaining({ code: 2 }));
    stream.socket.terminate();
  });

  it('send the user data of a listen key', async () => {
    const started = await fetch(`${simulator.url}/api/v3/userDataStream`, {
      method: 'POST',
      headers: { 'X-MBX-APIKEY': mainAccount.apiKey },
    });
    const { listenKey } = (await started.json()) as { listenKey: string };
    const stream = await connect(`${origin()}/ws/${listenKey}`);
    await control(simulator.url, 'POST', 'outsider', {
      action: 'deposit',
      account: 'main',
      asset: 'DOGE',
      amount: '7',
    });
    expect(await stream.next()).toEqual(expect.objectContaining({ e: 'balanceUpdate', a: 'DOGE', d: '7.00000000' }));
    const position = await stream.next(({ e }) => e === 'outboundAccountPosition');
    expect(position.B).toEqual([{ a: 'DOGE', f: '7.00000000', l: '0.00000000' }]);
    stream.socket.terminate();
  });

  it('answer the WebSocket API, errors included', async () => {
    const api = await connect(simulator.wsApiUrl);
    api.send({ id: 'a', method: 'time' });
    expect((await api.next(({ id }) => id === 'a')).status).toBe(200);
    api.send({ id: 'b', method: 'order.place', params: { apiKey: mainAccount.apiKey, symbol: 'BTCUSDT' } });
    expect(await api.next(({ id }) => id === 'b')).toEqual(
      expect.objectContaining({ status: 400, error: expect.objectContaining({ code: -1102 }) }),
    );
    api.send({ id: 'c', method: 'no.such' });
    expect((await api.next(({ id }) => id === 'c')).error).toEqual(expect.objectContaining({ code: -1020 }));
    api.socket.terminate();
  });
});
