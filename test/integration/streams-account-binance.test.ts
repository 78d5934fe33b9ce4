import { afterAll, beforeAll, it } from 'vitest';
import { openVenueLayer } from '../support/venue-layer.ts';
import * as binance from './binance-support.ts';
import { AccountBench } from './streams-account-support.ts';

const symbol = 'BTC/USDT';

let bench: AccountBench;
beforeAll(async () => {
  const { directory } = await openVenueLayer();
  const simulator = await binance.startSimulator({ symbolsCount: 20 });
  bench = await AccountBench.open({ venue: 'binance', directory, simulator, account: binance.mainAccount });
  await bench.connected();
});
afterAll(() => bench.close());

it('tells of an order that rests, and of its cancellation', async () => {
  const placed = await bench.place(symbol, { side: 'buy', size: '0.01', at: (await bench.price(symbol)) * 0.8 });
  await bench.agrees(symbol, placed, 'open');
  await bench.cancel(symbol, placed);
  await bench.agrees(symbol, placed, 'canceled');
  console.log(
    JSON.stringify(bench.told.incidents),
    JSON.stringify(bench.told.balances),
    JSON.stringify(bench.told.ofOrder(placed.venueOrderId)),
  );
});
it('fills', async () => {
  const placed = await bench.place(symbol, { side: 'buy', size: '0.5' });
  await bench.agrees(symbol, placed, 'filled');
  console.log(JSON.stringify(bench.told.ofOrder(placed.venueOrderId)));
});
