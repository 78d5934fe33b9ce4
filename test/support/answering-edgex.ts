/** Our edgeX class with canned answers in place of a network, for tests of what it makes of them and what it sends. */
import edgex from '../../layers/exchange/custom/edgex/index.ts';
import { documented, exampleAccount } from './recorded-edgex.ts';

type Entry = Record<string, unknown>;

export interface Sent {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body: Entry;
}

/** Our class with answers by the last part of the path, numbers as texts; the market data is the documentation's. */
export function answering(answers: Record<string, unknown> = {}) {
  const sent: Sent[] = [];
  const known: Record<string, unknown> = { getMetaData: documented('meta-data'), ...answers };
  const client = new edgex({
    ...exampleAccount,
    number: String,
    enableRateLimit: false,
    fetchImplementation: async (address: string, request: Omit<Sent, 'url' | 'body'> & { body?: string }) => {
      const url = new URL(address);
      sent.push({ ...request, url, body: JSON.parse(request.body ?? '{}') });
      const answer = known[url.pathname.split('/').at(-1) ?? ''];
      const text = JSON.stringify(typeof answer === 'function' ? answer(url.searchParams) : answer);
      return { status: 200, statusText: 'OK', headers: {}, text: async () => text };
    },
  } as unknown as ConstructorParameters<typeof edgex>[0]);
  const commands = () => sent.filter(({ method }) => method === 'POST').map(({ body }) => body);
  return { client, sent, commands };
}

export const success = (data: unknown) => ({ code: 'SUCCESS', data });
export const symbol = 'BTC/USDT:USDT';
