import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHttpTransport, type TransportOptions } from '../../layers/exchange/src/http-transport.ts';
import { createManualClock, type ManualClock } from '../support/clocks.ts';
import { startHttpProxy, startSocksProxy, type TestProxy } from '../support/proxies.ts';

const venue = createServer((request, response) => response.end(JSON.stringify({ path: request.url })));
let venueAddress: string;
let clock: ManualClock;
const proxies: TestProxy[] = [];

beforeAll(async () => {
  await new Promise<void>((resolve) => venue.listen(0, '127.0.0.1', resolve));
  venueAddress = `127.0.0.1:${(venue.address() as AddressInfo).port}`;
});
afterAll(() => {
  venue.closeAllConnections();
  return new Promise((resolve) => venue.close(resolve));
});
beforeEach(() => {
  clock = createManualClock();
});
afterEach(() => Promise.all(proxies.splice(0).map((proxy) => proxy.close())));

async function opened(proxy: Promise<TestProxy>): Promise<TestProxy> {
  const ready = await proxy;
  proxies.push(ready);
  return ready;
}

function sender(used: readonly TestProxy[], options: Partial<TransportOptions> = {}) {
  const send = createHttpTransport(clock, { proxies: used.map(({ url }) => url), ...options });
  return async (path: string, timeoutMs = 5_000) => {
    const request = { method: 'GET', headers: {}, signal: AbortSignal.timeout(timeoutMs) };
    const answer = await send(`http://${venueAddress}${path}`, request);
    return answer.text();
  };
}

/** Where nothing listens any more. */
async function goneProxy(): Promise<TestProxy> {
  const proxy = await startHttpProxy();
  await proxy.close();
  return proxy;
}

describe('a request through a proxy', () => {
  it.each([
    ['HTTP', () => startHttpProxy()],
    ['HTTP with user and password', () => startHttpProxy({ user: 'me@desk:p:w' })],
    ['SOCKS5', () => startSocksProxy()],
    ['SOCKS5 with user and password', () => startSocksProxy({ user: 'me@desk:p:w' })],
  ])('reaches the venue by %s', async (_name, start) => {
    const proxy = await opened(start());
    const send = sender([proxy], { proxyCredentials: { username: 'me@desk', password: 'p:w' } });
    expect(await send('/one')).toBe('{"path":"/one"}');
    expect(await send('/two')).toBe('{"path":"/two"}');
    // The second one found the connection of the first.
    expect(proxy.asked).toEqual([venueAddress]);
  });

  it('takes the proxies in turn', async () => {
    const [first, second] = [await opened(startHttpProxy()), await opened(startSocksProxy())];
    const send = sender([first, second]);
    await send('/');
    expect([first.asked.length, second.asked.length]).toEqual([1, 0]);
    await send('/');
    expect([first.asked.length, second.asked.length]).toEqual([1, 1]);
  });

  it.each<[string, () => Promise<TestProxy>]>([
    ['is not there', goneProxy],
    ['wants to know who it is', () => opened(startHttpProxy({ user: 'somebody:else' }))],
    ['refuses in HTTP', () => opened(startHttpProxy({ status: 403 }))],
    ['refuses in SOCKS5', () => opened(startSocksProxy({ user: 'somebody:else' }))],
  ])('goes through the next one when a proxy %s, which is passed over for 30 s', async (_name, start) => {
    const [refusing, working] = [await start(), await opened(startHttpProxy())];
    const send = sender([refusing, working]);
    for (const path of ['/1', '/2', '/3']) expect(await send(path)).toBe(JSON.stringify({ path }));
    const askedOnce = refusing.asked.length;
    clock.advance(31_000);
    await send('/4');
    await send('/5');
    expect(askedOnce).toBeLessThanOrEqual(1);
    expect(refusing.asked.length).toBe(askedOnce * 2);
  });
});

describe('a request that no proxy lets through', () => {
  it('was certainly not sent, and says why', async () => {
    const [gone, refusing] = [await goneProxy(), await opened(startHttpProxy({ status: 502 }))];
    const refusal = sender([gone, refusing])('/');
    await expect(refusal).rejects.toMatchObject({ name: 'NotSentError', code: 'proxy_refused' });
    await expect(refusal).rejects.toThrow(
      new RegExp(`${gone.url} gave no connection: .*ECONNREFUSED.*${refusing.url} gave no connection: it answered 502`),
    );
  });

  it('never takes what a proxy answers for the answer of the venue', async () => {
    const refusing = await opened(startHttpProxy({ user: 'somebody:else' }));
    await expect(sender([refusing])('/')).rejects.toThrow('it wants another user or password (407)');
  });

  it('keeps user and password out of what it says', async () => {
    const proxyCredentials = { username: 'me', password: 'top-secret' };
    const refusal = sender([await goneProxy()], { proxyCredentials })('/').catch(String);
    expect(await refusal).not.toContain('top-secret');
  });

  it('ends with its time-out when the proxy says nothing', async () => {
    const silent = await opened(startHttpProxy({ silent: true }));
    const refusal = sender([silent])('/', 100);
    await expect(refusal).rejects.toMatchObject({ name: 'NotSentError', code: 'proxy_refused' });
    await expect(refusal).rejects.toThrow('it took too long');
  });
});

it('a request whose connection is lost behind the proxy may have been sent', async () => {
  const proxy = await opened(startHttpProxy());
  const broken = createServer((request) => request.socket.destroy());
  await new Promise<void>((resolve) => broken.listen(0, '127.0.0.1', resolve));
  const send = createHttpTransport(clock, { proxies: [proxy.url] });
  const url = `http://127.0.0.1:${(broken.address() as AddressInfo).port}/`;
  const request = { method: 'POST', headers: {}, body: '{}', signal: AbortSignal.timeout(5_000) };
  await expect(send(url, request)).rejects.not.toHaveProperty('name', 'NotSentError');
  broken.close();
});
