/** Trading on a desk whose venue misbehaves, and what must hold whatever it does. */
import type { Order } from '@nightdesk/core';
import { expect } from 'vitest';
import type { Desk } from './desk.ts';
import { readSecretValues } from './desk-secrets.ts';

/** The request that places an order, for the `match` of a fault. */
export const placing = { method: 'POST', path: '/api/v3/order' };

/** The lanes that signals are spread over, as the venue writes their markets. */
export const lanes = ['BTCUSDT', 'ETHUSDT', 'BNBUSDT', 'SOLUSDT'] as const;
const symbols = ['BTC/USDT', 'ETH/USDT', 'BNB/USDT', 'SOL/USDT'];

/** Market orders lane by lane, buying and selling, and every eighth one resting. */
function signal(index: number, round: string) {
  const rests = index % 8 === 0;
  return {
    id: `signal-${round}-${index}`,
    symbol: symbols[index % symbols.length],
    action: rests || index % 3 === 0 ? 'buy' : 'sell',
    size: { base: '0.5' },
    ...(rests && { type: 'limit', price: '40000', timeInForce: 'GTC' }),
  };
}

/**
 * Posts signals at once and waits for the truth about each. Fails where one is not resolved in time, desk and venue
 * disagree, the journal does not verify, or a secret is told in a log or an order. May be called again on the same desk.
 *
 * @returns how many of these orders are in each state
 */
export async function trade(desk: Desk, signalCount: number): Promise<Partial<Record<Order['state'], number>>> {
  const before = (await desk.records.orders()).length;
  const signals = Array.from({ length: signalCount }, (_, index) => signal(index, `after-${before}`));
  const answers = await Promise.all(signals.map((one) => desk.postSignal(one)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
  const orders = await desk.settle(answers.map(({ body }) => body.signalId ?? ''));
  expect(orders).toHaveLength(signalCount);
  expect(await desk.disagreements()).toEqual([]);
  expect(await desk.records.verify()).toMatchObject({ kind: 'verified', orders: before + signalCount });
  const secrets = await readSecretValues(desk.ready.aws);
  const said = [...desk.log, JSON.stringify(orders)];
  expect(said.filter((text) => secrets.some((secret) => text.includes(secret)))).toEqual([]);
  const byState = Map.groupBy(orders, ({ state }) => state);
  return Object.fromEntries([...byState].map(([state, { length }]) => [state, length]));
}
