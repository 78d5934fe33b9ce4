import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttpTransport } from '../../layers/exchange/src/http-transport.ts';
import { currentCall, VenueCall } from '../../layers/exchange/src/venue-call.ts';
import { createManualClock } from '../support/clocks.ts';

let server: Server;
let url: string;
const connections = new Set<Socket>();
beforeEach(async () => {
  connections.clear();
  server = createServer((request, response) => {
    if (request.url === '/gzip') {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(`{"zipped":"${'x'.repeat(1_000)}"}`));
    } else if (request.url === '/stall') {
      response.writeHead(200, { 'content-length': '100' }).write('{');
    } else if (request.url === '/redirect') {
      response.writeHead(302, { location: '/elsewhere' }).end();
    } else {
      response.end(JSON.stringify({ method: request.method, encoding: request.headers['accept-encoding'] }));
    }
  });
  server.on('connection', (socket) => connections.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(
  () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
);

const get = { method: 'GET', headers: {}, signal: new AbortController().signal };

describe('the HTTP transport', () => {
  it('reuses a connection that was used just now', async () => {
    const send = createHttpTransport(createManualClock());
    for (let count = 0; count < 3; count += 1) await (await send(`${url}/`, get)).text();
    expect(connections.size).toBe(1);
  });

  it('does not use a connection again that nobody watched for a while', async () => {
    const clock = createManualClock();
    const send = createHttpTransport(clock);
    await send(`${url}/`, get);
    clock.advance(60_000);
    await send(`${url}/`, get);
    expect(connections.size).toBe(2);
  });

  it('asks for compression and undoes it', async () => {
    const answer = await createHttpTransport(createManualClock())(`${url}/gzip`, get);
    expect(JSON.parse(await answer.text())).toEqual({ zipped: 'x'.repeat(1_000) });
  });

  it('asks for no compression that it cannot undo, whatever a venue would', async () => {
    const headers = { 'Accept-Encoding': 'gzip, br, deflate' };
    const answer = await createHttpTransport(createManualClock())(`${url}/`, { ...get, headers });
    expect(JSON.parse(await answer.text())).toMatchObject({ encoding: 'gzip' });
  });

  it('ends when it is aborted in the middle of a body', async () => {
    const controller = new AbortController();
    const answer = createHttpTransport(createManualClock())(`${url}/stall`, { ...get, signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('lets no more requests be under way than it may at once', async () => {
    const send = createHttpTransport(createManualClock(), { connectionsMax: 2 });
    const paths = Array.from({ length: 5 }, (_, index) => `/${index}`);
    const answers = await Promise.all(paths.map((path) => send(url + path, get)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(connections.size).toBe(2);
  });

  it('has certainly not sent what was aborted while it waited for its turn', async () => {
    const send = createHttpTransport(createManualClock(), { connectionsMax: 1 });
    const [first, second] = [new AbortController(), new AbortController()];
    const stalled = send(`${url}/stall`, { ...get, signal: first.signal }).catch((error: Error) => error.name);
    await once(server, 'request');
    const waiting = send(`${url}/`, { ...get, signal: second.signal });
    second.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'NotSentError', code: 'not_sent' });
    await expect(send(`${url}/`, { ...get, signal: second.signal })).rejects.toMatchObject({ code: 'not_sent' });
    const next = send(`${url}/`, get);
    first.abort();
    expect(await stalled).toBe('AbortError');
    expect((await next).status).toBe(200);
  });

  it('sends no request of a call whose time for sending was over when its turn came', async () => {
    const clock = createManualClock();
    const send = createHttpTransport(clock, { connectionsMax: 1 });
    const first = new AbortController();
    const stalled = send(`${url}/stall`, { ...get, signal: first.signal }).catch((error: Error) => error.name);
    await once(server, 'request');
    const waiting = currentCall.run(new VenueCall(clock.nowMs() + 2_000, true), () => send(`${url}/`, get));
    clock.advance(2_001);
    first.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'NotSentError', code: 'not_sent' });
    expect(await stalled).toBe('AbortError');
  });

  it('follows no redirect', async () => {
    const answer = await createHttpTransport(createManualClock())(`${url}/redirect`, get);
    expect(answer.status).toBe(302);
  });

  it('fails once, and with the code of the failure, when nobody listens', async () => {
    const closed = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await expect(createHttpTransport(createManualClock())(closed, get)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
