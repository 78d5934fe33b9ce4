/** A desk whose stream service reads books of simulated venues: how soon an update can be read, and a fill is in its order. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Order, QuoteView, StreamTaskStatus } from '@nightdesk/core';
import { paths } from '@nightdesk/infra/config/paths.ts';
import type { SimulatorOrder } from '@nightdesk/local/supervisor/client.ts';
import { account, type BenchDesk, startDesk } from './desk.ts';
import { type Distribution, distributionOf, rounded } from './statistics.ts';

const venue = 'binance';
/** A market of the simulator moves four times a second. */
const updatesPerMarket = 4;
const flowingMsMax = 120_000;
/** Of the time over which the service tells its figures. */
const countedMs = { quick: 20_000, full: 60_000 };
const fillsCount = { quick: 20, full: 100 };
const fillMsMax = 20_000;
const askEveryMs = 5;
const traded = { symbol: 'BTC/USDT', name: 'BTCUSDT' };

export interface StreamDeskFigures {
  updatesPerSecond: number;
  markets: number;
  /** From an update's being received to a reader of `GET /quotes` having it, milliseconds; what the reader takes counted in. */
  readable: Distribution;
  /** The same up to the table's answer, as the service tells it; the last minute. */
  published: { p50: number; p99: number };
  /** From a fill at the venue to the order in the desk's table. */
  fills: Distribution;
  /** Fills that streams and polling together did not bring in time. */
  missing: number;
}

export async function measureStreamDesk(
  size: 'quick' | 'full',
  { updatesPerSecond }: { updatesPerSecond: number },
): Promise<StreamDeskFigures> {
  const configDirectory = mkdtempSync(join(tmpdir(), 'nightdesk-streams-'));
  cpSync(paths.config, configDirectory, { recursive: true });
  const save = (streams: unknown) =>
    writeFileSync(join(configDirectory, 'collection.yaml'), JSON.stringify({ collections: [], streams }));
  save([]);
  const desk = await startDesk((message) => console.error(message), { configDirectory, streams: true, streamTasks: 1 });
  try {
    const symbols = await symbolsOf(desk, Math.ceil(updatesPerSecond / updatesPerMarket));
    const entry = { venues: [venue], kinds: ['books'], depth: 10 };
    // The one that is asked for has a pace above its market's, so that no update of it waits for its turn.
    save([
      { ...entry, symbols: [traded.symbol], quotesPerSecond: 5 },
      { ...entry, symbols: symbols.filter((symbol) => symbol !== traded.symbol), quotesPerSecond: 1 },
    ]);
    await untilFlowing(desk, symbols.length);
    const readable = await readFor(desk, countedMs[size]);
    const [books] = await booksOf(desk);
    const fills = await fillOrders(desk, fillsCount[size]);
    const { p50 = Number.NaN, p99 = Number.NaN } = books?.publishMs ?? {};
    return {
      ...{ updatesPerSecond: rounded(books?.updatesPerSecond ?? 0), markets: symbols.length },
      ...{ readable: distributionOf(readable), published: { p50: rounded(p50), p99: rounded(p99) } },
      ...{ fills: distributionOf(fills.delaysMs), missing: fills.missing },
    };
  } finally {
    await desk.close();
    rmSync(configDirectory, { recursive: true, force: true });
  }
}

async function symbolsOf({ simulatorUrl }: BenchDesk, count: number): Promise<string[]> {
  type Listed = { symbols: { baseAsset: string; quoteAsset: string; status: string }[] };
  const { symbols } = (await (await fetch(`${simulatorUrl}/api/v3/exchangeInfo`)).json()) as Listed;
  const open = symbols.filter(({ status }) => status === 'TRADING');
  if (open.length < count) throw new Error(`there are only ${open.length} markets`);
  return open.slice(0, count).map(({ baseAsset, quoteAsset }) => `${baseAsset}/${quoteAsset}`);
}

async function booksOf({ client }: BenchDesk) {
  const { body } = await client.call<{ tasks: StreamTaskStatus[] }>('GET', '/streams');
  return body.tasks.flatMap(({ streams }) => streams).filter(({ kind }) => kind === 'books');
}

async function untilFlowing(desk: BenchDesk, markets: number): Promise<void> {
  const endsAtMs = performance.now() + flowingMsMax;
  for (;;) {
    const figures = await booksOf(desk);
    const [subscribed, rate] = [
      figures.reduce((sum, { subscriptions }) => sum + subscriptions, 0),
      figures.reduce((sum, { updatesPerSecond }) => sum + updatesPerSecond, 0),
    ];
    if (subscribed === markets && rate > markets * updatesPerMarket * 0.6) return;
    if (performance.now() > endsAtMs)
      throw new Error(`${subscribed} markets bring ${Math.round(rate)} updates a second`);
    await sleep(1_000);
  }
}

/** Milliseconds from each update that was published to its being seen by somebody who asks again and again. */
async function readFor({ client }: BenchDesk, forMs: number): Promise<number[]> {
  const path = `/quotes?symbol=${encodeURIComponent(traded.symbol)}&venue=${venue}`;
  const delays: number[] = [];
  let latest = 0;
  for (const endsAtMs = performance.now() + forMs; performance.now() < endsAtMs; ) {
    const { body } = await client.call<{ quotes: QuoteView[] }>('GET', path);
    const [quote] = body.quotes ?? [];
    if (quote === undefined || quote.sequence === latest) {
      await sleep(askEveryMs);
      continue;
    }
    // The first was there before anybody asked.
    if (latest !== 0) delays.push(Date.now() - quote.receivedMs);
    latest = quote.sequence;
  }
  return delays;
}

/** Orders that rest until the price comes to them, so that nothing but the venue's own news tells of their fills. */
async function fillOrders(desk: BenchDesk, count: number): Promise<{ delaysMs: number[]; missing: number }> {
  const delaysMs: number[] = [];
  let missing = 0;
  for (let index = 0; index < count; index++) {
    const delayMs = await fillOne(desk, index);
    if (delayMs === undefined) missing += 1;
    else delaysMs.push(delayMs);
  }
  return { delaysMs, missing };
}

async function movePrice({ simulatorUrl }: BenchDesk, factor: number): Promise<number> {
  const init = { method: 'POST', body: JSON.stringify({ symbol: traded.name, factor }) };
  return Number(((await (await fetch(`${simulatorUrl}/__sim/price`, init)).json()) as { price: string }).price);
}

async function fillOne(desk: BenchDesk, index: number): Promise<number | undefined> {
  const { client } = desk;
  const price = ((await movePrice(desk, 1)) * 0.998).toFixed(2);
  const signal = { ...{ account, symbol: traded.symbol, action: 'buy', size: { base: '0.01' } }, type: 'limit', price };
  const { body, status } = await client.postSignal({
    ...signal,
    id: `streams-${index}`,
    sentAt: new Date().toISOString(),
  });
  if (body.signalId === undefined) throw new Error(`the signal was answered ${status}: ${JSON.stringify(body)}`);
  const { orders } = await client.waitForOrder(body.signalId, fillMsMax);
  await sleep(200);
  await movePrice(desk, 0.995);
  try {
    return await delayOf(desk, { signalId: body.signalId, clientOrderId: orders[0]?.orderId ?? '' });
  } finally {
    await movePrice(desk, 1 / 0.995);
  }
}

async function delayOf(
  { client }: BenchDesk,
  { signalId, clientOrderId }: { signalId: string; clientOrderId: string },
): Promise<number | undefined> {
  const endsAtMs = performance.now() + fillMsMax;
  while (performance.now() < endsAtMs) {
    const [order]: Order[] = (await client.getSignal(signalId)).body.orders ?? [];
    if (order?.state === 'filled') {
      const [atVenue]: SimulatorOrder[] = await client.simulatorOrders({ clientOrderId });
      const filledAtMs = Math.max(...(atVenue?.fills ?? []).map(({ atMs }) => atMs));
      return Number.isFinite(filledAtMs) ? rounded(order.updatedAtMs - filledAtMs) : undefined;
    }
    await sleep(50);
  }
  return undefined;
}
