/** Senders who go on while the desk is killed under them, and remember what they were answered. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createDeskClient } from '@nightdesk/local/supervisor/client.ts';
import type { ReadyInfo } from '@nightdesk/local/supervisor/ready.ts';

export interface LoadOptions {
  signalsPerSecond: number;
  /** Numbers from 0 to 1. */
  random: () => number;
  /** The desk as it can be reached now; `undefined` while it is down. */
  desk: () => ReadyInfo | undefined;
}

export interface SignalLoad {
  /** Ids of the signals that the desk has confirmed: answered 202, or 200 to a resend. */
  readonly confirmed: ReadonlySet<string>;
  readonly counts: { readonly sent: number; readonly resent: number; readonly unconfirmed: number };
  /** Sends nothing new and waits for what is under way. */
  stop(): Promise<void>;
}

const markets = ['BTC/USDT', 'ETH/USDT', 'BNB/USDT', 'SOL/USDT', 'XRP/USDT', 'ADA/USDT', 'DOGE/USDT', 'ETH/BTC'];
/** Worth enough of everything above, in quote currency. */
const sizes = { 'ETH/BTC': { base: '0.5' } } as Record<string, { base: string }>;
const resendEveryMs = 150;
/** A sender gives up before its signal is stale. */
const resendsMax = 100;

export function startLoad({ signalsPerSecond, random, desk }: LoadOptions): SignalLoad {
  const confirmed = new Set<string>();
  const counts = { sent: 0, resent: 0, unconfirmed: 0 };
  const underWay = new Set<Promise<void>>();
  let stopped = false;

  /** Resends until the desk has answered, as senders do on 5xx and lost connections. */
  async function send(signal: object): Promise<void> {
    for (let attempt = 0; attempt < resendsMax; attempt++) {
      if (attempt > 0) {
        await sleep(resendEveryMs);
        counts.resent += 1;
      }
      const signalId = await post(signal, desk());
      if (signalId === undefined) continue;
      confirmed.add(signalId);
      return;
    }
    counts.unconfirmed += 1;
  }

  async function run(): Promise<void> {
    for (let index = 0; !stopped; index++) {
      counts.sent += 1;
      const sending = send(makeSignal(index, random));
      underWay.add(sending);
      void sending.finally(() => underWay.delete(sending));
      await sleep(1000 / signalsPerSecond);
    }
  }

  const running = run();
  return {
    confirmed,
    counts,
    async stop() {
      stopped = true;
      await running;
      await Promise.all(underWay);
    },
  };
}

function makeSignal(index: number, random: () => number): object {
  const symbol = markets[Math.floor(random() * markets.length)] ?? 'BTC/USDT';
  const action = random() < 0.5 ? 'buy' : 'sell';
  const size = sizes[symbol] ?? { quote: String(20 + Math.floor(random() * 400)) };
  return { id: `load-${index}`, symbol, action, size, sentAt: new Date().toISOString() };
}

/** The id under which the desk knows the signal; `undefined` where it did not answer or answered 5xx. */
async function post(signal: object, ready: ReadyInfo | undefined): Promise<string | undefined> {
  if (ready === undefined) return undefined;
  try {
    const { status, body } = await createDeskClient(ready).postSignal(signal);
    if (status === 202 || status === 200) return body.signalId;
    if (status < 500) throw new TypeError(`the load is wrong: ${status} ${JSON.stringify(body)}`);
    return undefined;
  } catch (error) {
    // fetch throws a TypeError with a cause when the connection fails.
    if (error instanceof TypeError && error.cause === undefined) throw error;
    return undefined;
  }
}
