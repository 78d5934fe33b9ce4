/**
 * One order as the documentation of ccxt places it: import the class, load the markets, create the order. Plain
 * JavaScript, because stripping types would be counted against it.
 *
 * stdin `{ module, exportName, config, simulatorUrl, clientOrderId, symbol, amount }`: where the class is and what it is
 * constructed with; stdout the milliseconds of each step and of processor time since the process began, as JSON.
 */
import { json } from 'node:stream/consumers';

const { module, exportName, config, simulatorUrl, clientOrderId, symbol, amount } = await json(process.stdin);
const startedMs = performance.now();
const { [exportName]: Venue } = await import(module);
const importedMs = performance.now();
const venue = new Venue(config);
for (const [name, address] of Object.entries(venue.urls.api)) {
  if (typeof address === 'string') venue.urls.api[name] = address.replace(/^https:\/\/[^/]+/, simulatorUrl);
}
await venue.loadMarkets();
const loadedMs = performance.now();
await venue.createOrder(symbol, 'market', 'buy', amount, undefined, { clientOrderId });
const { user, system } = process.cpuUsage();
process.stdout.write(
  JSON.stringify({
    importMs: importedMs - startedMs,
    loadMarketsMs: loadedMs - importedMs,
    cpuMs: (user + system) / 1000,
    marketsCount: Object.keys(venue.markets).length,
  }),
);
