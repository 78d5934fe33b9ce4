/** The stream service as it runs, at simulated venues: only tables, queues and files are in memory. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { outsiderParams } from '../support/simulated-venues.ts';
import { openStreamingDesk, type StreamingDesk } from '../support/streaming-desk.ts';
import { waitFor } from '../support/waiting.ts';

let desk: StreamingDesk;
beforeAll(async () => {
  desk = await openStreamingDesk('binance', 'kraken', 'bybit');
});
afterAll(() => desk.close());

const names = () => [...desk.quotes.rows.keys()].sort();
const url = (): string => desk.simulators.get('binance')?.url ?? '';
const ask = async (path: string, body?: object): Promise<Record<string, unknown>> => {
  const answer = await fetch(`${url()}/__sim/${path}`, body && { method: 'POST', body: JSON.stringify(body) });
  return (await answer.json()) as Record<string, unknown>;
};

/** Connections of quotes that are heard now, by task. */
const tasksOf = (): Set<string> =>
  new Set([...desk.quotes.rows.values()].map(({ connection }) => connection.replace(/^.*@|\.\d+$/g, '')));

const everywhere = { venues: ['binance', 'kraken', 'bybit'], quotesPerSecond: 5 };

it('publishes what is configured, and what is added to it without a restart', async () => {
  desk.stream({ ...everywhere, symbols: ['BTC/USDT'] });
  desk.start('a');
  await waitFor(() => expect(names()).toEqual(['binance BTC/USDT', 'bybit BTC/USDT', 'kraken BTC/USDT']));
  desk.stream({ ...everywhere, symbols: ['BTC/USDT', 'ETH/USDT'] });
  await waitFor(() => expect(names().filter((name) => name.endsWith('ETH/USDT'))).toHaveLength(3));
  desk.stream({ ...everywhere, symbols: ['ETH/USDT'] });
  await waitFor(() => expect(names().filter((name) => name.endsWith('BTC/USDT'))).toEqual([]));
});

it("sends what happens to an account's orders to the queue, and publishes the venue's own book after it", async () => {
  await ask('book?symbol=ETHUSDT');
  const params = outsiderParams('binance', { symbol: 'ETH/USDT', side: 'buy', amount: '0.1' });
  await ask('outsider', { action: 'order', account: 'main', params });
  await waitFor(() => {
    const told = desk.news.waiting.map(({ account, symbol, order: { status } }) => ({ account, symbol, status }));
    expect(told).toContainEqual({ account: 'main', symbol: 'ETH/USDT', status: 'filled' });
  });
  await waitFor(async () => {
    const quote = desk.quotes.rows.get('binance ETH/USDT');
    const { states } = (await ask(`book?symbol=ETHUSDT&sequence=${quote?.sequence}`)) as {
      states: { bids: string[][]; asks: string[][] }[];
    };
    const [truth] = states.map(({ bids, asks }) =>
      [bids, asks].map((side) => side.slice(0, 10).map((at) => at.map(Number))),
    );
    expect(truth).toEqual([quote?.bids, quote?.asks]);
  });
});

it('hands all of it to another task, and goes on publishing', async () => {
  const second = desk.start('b');
  await waitFor(() => expect(second.health()).toEqual({ isHealthy: true }));
  const [first] = desk.services;
  await first?.stop();
  await waitFor(() => expect(tasksOf()).toEqual(new Set(['b'])));
  expect(names()).toEqual(['binance ETH/USDT', 'bybit ETH/USDT', 'kraken ETH/USDT']);
  expect(desk.telemetry.lines.filter((line) => line.includes('errorName'))).toEqual([]);
});
