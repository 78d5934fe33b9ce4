/** Senders who go on while the desk is killed under them, and remember what they were answered. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createDeskClient, type SignalAnswer } from '@nightdesk/local/supervisor/client.ts';
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

const markets = ['BTC/USDT', 'ETH/USDT', 'BNB/USDT', 'SOL/USDT', 'XRP/USDT', 'ADA/USDT', 'DOGE/USDT'];
/** Pauses between tries grow, or the resends of many senders would keep a desk that is back from its work. */
const pauseMsMin = 200;
const pauseMsMax = 3_000;
/** Some 40 s: a sender gives up before its signal is stale. */
const triesMax = 16;

export function startLoad({ signalsPerSecond, random, desk }: LoadOptions): SignalLoad {
  const confirmed = new Set<string>();
  const counts = { sent: 0, resent: 0, unconfirmed: 0 };
  const underWay = new Set<Promise<void>>();
  let stopped = false;

  /** Resends until the desk has answered, as senders do on 5xx and lost connections. */
  async function send(signal: object): Promise<void> {
    let pauseMs = pauseMsMin;
    for (let tries = 1; tries <= triesMax; tries++) {
      const signalId = await post(signal, desk());
      if (signalId !== undefined) {
        confirmed.add(signalId);
        return;
      }
      await sleep(pauseMs);
      pauseMs = Math.min(pauseMs * 2, pauseMsMax);
      counts.resent += 1;
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
  const size = { quote: String(20 + Math.floor(random() * 400)) };
  return { id: `load-${index}`, symbol, action, size, sentAt: new Date().toISOString() };
}

/** The id under which the desk has confirmed the signal; `undefined` where it did not. @throws Error for a signal that is wrong */
async function post(signal: object, ready: ReadyInfo | undefined): Promise<string | undefined> {
  if (ready === undefined) return undefined;
  const { status, body } = await createDeskClient(ready)
    .postSignal(signal)
    .catch(() => ({ status: 503, body: {} as SignalAnswer }));
  if (status === 400) throw new Error(`the load is wrong: ${JSON.stringify(body)}`);
  return status === 202 || status === 200 ? body.signalId : undefined;
}
