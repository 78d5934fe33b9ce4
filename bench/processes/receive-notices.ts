/**
 * A webhook: keeps when each notice came, whether its signature is right, and what it is about. `GET` answers with all of them.
 *
 * stdin `ReceiverInput` as JSON; prints one JSON line with its address.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json, text } from 'node:stream/consumers';

export interface ReceiverInput {
  /** What notices are signed with. */
  secret: string;
}

export interface ReceivedNotice {
  /** Epoch milliseconds with decimals. */
  arrivedAtMs: number;
  isSigned: boolean;
  bytes: number;
  kind?: string;
  orderId?: string;
  /** When what it tells of was recorded; UTC epoch milliseconds. */
  atMs?: number;
}

const { secret } = (await json(process.stdin)) as ReceiverInput;
const received: ReceivedNotice[] = [];

const server = createServer(async (request, response) => {
  if (request.method === 'GET') {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(received));
    return;
  }
  const body = await text(request);
  const arrivedAtMs = performance.timeOrigin + performance.now();
  response.writeHead(204).end();
  const { kind, orderId, atMs } = JSON.parse(body) as Partial<ReceivedNotice>;
  received.push({
    ...{ arrivedAtMs, isSigned: isSigned(request, body), bytes: Buffer.byteLength(body) },
    ...(kind !== undefined && { kind }),
    ...(orderId !== undefined && { orderId }),
    ...(atMs !== undefined && { atMs }),
  });
});

function isSigned({ headers }: IncomingMessage, body: string): boolean {
  const signed = `${headers['x-nightdesk-timestamp']}.${body}`;
  const expected = Buffer.from(`sha256=${createHmac('sha256', secret).update(signed).digest('hex')}`);
  const given = Buffer.from(String(headers['x-nightdesk-signature']));
  return given.length === expected.length && timingSafeEqual(given, expected);
}

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ ready: true, url: `http://127.0.0.1:${port}/` })}\n`);
});
process.once('SIGTERM', () => process.exit(0));
