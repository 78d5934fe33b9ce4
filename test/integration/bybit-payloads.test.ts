/** Compares the shapes of answers with recorded ones, where the recordings are there. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { sign, socketPayload } from '../../local/simulators/bybit/signature.ts';
import type { BybitSimulator } from '../../local/simulators/bybit/simulator.ts';
import { mainAccount, perpetual, restClient, startSimulator } from './bybit-support.ts';

const recordings = fileURLToPath(new URL('../../../shared/data/payloads/bybit/', import.meta.url));
const present = existsSync(recordings);
if (!present) console.warn(`skipped: no recorded payloads of Bybit at ${recordings}`);

let simulator: BybitSimulator;

beforeAll(async () => {
  simulator = await startSimulator({ tickMs: 50 });
  const exchange = restClient(simulator);
  await exchange.loadMarkets();
  const last = Number((await exchange.fetchTicker(perpetual)).last);
  await exchange.createOrder(perpetual, 'market', 'buy', 0.1);
  await exchange.createOrder(perpetual, 'limit', 'buy', 0.1, Math.round(last * 0.9));
});

afterAll(async () => {
  await simulator.close();
});

type Json = Record<string, unknown>;

function recorded(name: string): Json {
  return JSON.parse(readFileSync(`${recordings}${name}.json`, 'utf8')) as Json;
}

/** Fields that the recorder made up, or that Bybit has dropped since. */
const ignored = new Set([
  'retExtInfo',
  'symbolType',
  'nextPageCursor',
  'isMasterTrader',
  'deliveryFeeRate',
  'copyTrading',
  'totalPerpUpl',
]);

/** The names in a recorded answer that ours lacks, or that have another type of value. */
function differences(theirs: unknown, ours: unknown, path = ''): string[] {
  if (Array.isArray(theirs)) {
    if (!Array.isArray(ours)) return [`${path} is not a list`];
    return theirs.length > 0 && ours.length > 0 ? differences(theirs[0], ours[0], `${path}[0]`) : [];
  }
  if (typeof theirs !== 'object' || theirs === null) {
    const comparable = theirs !== null && theirs !== undefined && ours !== null;
    return comparable && typeof theirs !== typeof ours ? [`${path} is ${typeof ours}, not ${typeof theirs}`] : [];
  }
  if (typeof ours !== 'object' || ours === null) return [`${path} is no object`];
  const own = ours as Json;
  return Object.entries(theirs).flatMap(([name, value]) => {
    if (ignored.has(name)) return [];
    return name in own ? differences(value, own[name], `${path}.${name}`) : [`${path}.${name} is missing`];
  });
}

async function answer(path: string, signed: boolean): Promise<Json> {
  const query = path.split('?')[1] ?? '';
  const timestamp = String(Date.now());
  const { apiKey, secret } = mainAccount;
  const headers = {
    ...{ 'X-BAPI-API-KEY': apiKey, 'X-BAPI-TIMESTAMP': timestamp, 'X-BAPI-RECV-WINDOW': '5000' },
    'X-BAPI-SIGN': sign(`${timestamp}${apiKey}5000${query}`, secret),
  };
  const response = await fetch(`${simulator.url}${path}`, signed ? { headers } : {});
  return (await response.json()) as Json;
}

describe.runIf(present)('answers have the fields and types of recorded ones', () => {
  it.each([
    ['http_get_instruments_spot', '/v5/market/instruments-info?category=spot', false],
    ['http_get_instruments_linear', '/v5/market/instruments-info?category=linear', false],
    ['http_get_klines_linear', '/v5/market/kline?category=linear&symbol=BTCUSDT&interval=5', false],
    ['http_get_orderbook', '/v5/market/orderbook?category=linear&symbol=BTCUSDT', false],
    ['http_get_trades_recent', '/v5/market/recent-trade?category=linear&symbol=BTCUSDT', false],
    ['http_get_funding_history', '/v5/market/funding/history?category=linear&symbol=BTCUSDT', false],
    ['http_get_account_info', '/v5/account/info', true],
    ['http_get_fee_rate', '/v5/account/fee-rate?category=linear&symbol=BTCUSDT', true],
    ['http_get_wallet_balance', '/v5/account/wallet-balance?accountType=UNIFIED', true],
    ['http_get_positions', '/v5/position/list?category=linear&symbol=BTCUSDT', true],
    ['http_get_orders_realtime', '/v5/order/realtime?category=linear&symbol=BTCUSDT', true],
    ['http_get_orders_history', '/v5/order/history?category=linear&symbol=BTCUSDT', true],
    ['http_get_executions', '/v5/execution/list?category=linear&symbol=BTCUSDT', true],
  ])('%s', async (name, path, signed) => {
    const ours = await answer(path, signed);
    expect(ours.retCode).toBe(0);
    expect(differences(recorded(name), ours)).toEqual([]);
  });
});

describe.runIf(present)('messages have the fields and types of recorded ones', () => {
  it('for public and private topics', async () => {
    const messages = new Map<string, Json>();
    const sockets = [
      subscribe('/v5/public/linear', ['orderbook.1.BTCUSDT', 'tickers.BTCUSDT', 'kline.5.BTCUSDT'], messages),
      subscribe('/v5/private', ['order', 'execution', 'position', 'wallet'], messages),
    ];
    const exchange = restClient(simulator);
    await exchange.loadMarkets();
    await Promise.all(sockets.map(({ subscribed }) => subscribed));
    await exchange.createOrder(perpetual, 'market', 'sell', 0.05);
    const wanted = {
      ...{ 'orderbook.1.BTCUSDT': 'ws_orderbook_snapshot', 'tickers.BTCUSDT': 'ws_ticker_linear' },
      ...{ 'kline.5.BTCUSDT': 'ws_kline', order: 'ws_account_order_filled', execution: 'ws_account_execution' },
      ...{ position: 'ws_account_position', wallet: 'ws_account_wallet' },
    };
    await Promise.all(sockets.map(({ complete }) => complete));
    for (const [topic, name] of Object.entries(wanted)) {
      expect([topic, differences(recorded(name), messages.get(topic))]).toEqual([topic, []]);
    }
    for (const { socket } of sockets) socket.terminate();
  });
});

/** Collects the first message of each topic. */
function subscribe(path: string, topics: readonly string[], messages: Map<string, Json>) {
  const socket = new WebSocket(simulator.wsUrl + path);
  const expires = String(Date.now() + 10_000);
  socket.on('open', () => {
    const login = [mainAccount.apiKey, expires, sign(socketPayload(expires), mainAccount.secret)];
    if (path === '/v5/private') socket.send(JSON.stringify({ op: 'auth', args: login }));
    socket.send(JSON.stringify({ op: 'subscribe', args: topics }));
  });
  const subscribed = Promise.withResolvers<void>();
  const complete = Promise.withResolvers<void>();
  socket.on('message', (data) => {
    const message = JSON.parse(data.toString()) as Json;
    if (message.op === 'subscribe') subscribed.resolve();
    const topic = String(message.topic ?? '');
    if (topic !== '' && !messages.has(topic)) messages.set(topic, message);
    if (topics.every((one) => messages.has(one))) complete.resolve();
  });
  return { socket, subscribed: subscribed.promise, complete: complete.promise };
}
