/**
 * One order as the documentation of ccxt places it: import the package, load the markets, create the order. Plain
 * JavaScript, because stripping types would be counted against it.
 *
 * stdin `{ simulatorUrl, apiKey, secret, clientOrderId, symbol, amount }`, stdout the milliseconds of each step, as JSON.
 */
import { json } from 'node:stream/consumers';

const startedMs = performance.now();
const { default: ccxt } = await import('ccxt');
const importedMs = performance.now();
const { simulatorUrl, apiKey, secret, clientOrderId, symbol, amount } = await json(process.stdin);
const venue = new ccxt.binance({ apiKey, secret });
for (const [name, address] of Object.entries(venue.urls.api)) {
  if (typeof address === 'string') venue.urls.api[name] = address.replace(/^https:\/\/[^/]+/, simulatorUrl);
}
await venue.loadMarkets();
const loadedMs = performance.now();
await venue.createOrder(symbol, 'market', 'buy', amount, undefined, { clientOrderId });
process.stdout.write(JSON.stringify({ importMs: importedMs - startedMs, loadMarketsMs: loadedMs - importedMs }));
