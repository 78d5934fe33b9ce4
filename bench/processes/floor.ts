/**
 * The least that could be done with a signal: a bare handler that hands it to ccxt. No authentication, no queue, no
 * record, no limits: a resend makes a second order and a crash loses one. What Nightdesk takes longer is what those cost.
 *
 * stdin `FloorInput` as JSON; prints one JSON line with its address when the markets are loaded.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json, text } from 'node:stream/consumers';
import { binance } from 'ccxt';

export interface FloorInput {
  simulatorUrl: string;
  apiKey: string;
  secret: string;
}

const { simulatorUrl, apiKey, secret } = (await json(process.stdin)) as FloorInput;
// Without its own throttle, which would hold each order back for 10 ms.
const venue = new binance({ apiKey, secret, enableRateLimit: false });
const addresses = venue.urls.api as unknown as Record<string, unknown>;
for (const [name, address] of Object.entries(addresses)) {
  if (typeof address === 'string') addresses[name] = address.replace(/^https:\/\/[^/]+/, simulatorUrl);
}
await venue.loadMarkets();

const server = createServer(async (request, response) => {
  try {
    const { id, symbol, action, size } = JSON.parse(await text(request));
    await venue.createOrder(symbol, 'market', action, Number(size.base), undefined, { clientOrderId: id });
    response.writeHead(202).end(JSON.stringify({ clientOrderId: id }));
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ ready: true, url: `http://127.0.0.1:${port}/` })}\n`);
});
process.once('SIGTERM', () => process.exit(0));
