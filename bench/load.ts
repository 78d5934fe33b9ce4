/** Puts load on a webhook and finds out from the venue what became of each signal. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type AccountId, intentIdOf, type SignalId } from '@nightdesk/core';
import type { SimulatorOrder } from '@nightdesk/local/supervisor/client.ts';
import { runScript } from './child.ts';
import { account, type BenchDesk } from './desk.ts';
import type { LoadPlan, LoadSample } from './processes/load.ts';

export async function runLoad(plan: LoadPlan): Promise<LoadSample[]> {
  return (await runScript<LoadSample[]>('load.ts', plan)).output;
}

export interface Followed extends LoadSample {
  /** When the venue took the order, by the same clock; absent when it did not. */
  acceptedAtMs?: number;
}

export interface Outcome {
  /** Signals that were answered 202, in the order they were posted. */
  accepted: Followed[];
  /** How many were answered otherwise. */
  refused: number;
  /** Accepted, and without an order at the venue. */
  lost: number;
  /** Accepted, and with more than one. */
  doubled: number;
}

/** The client order id of the order that an accepted signal leads to. */
export type OrderIdOf = (sample: LoadSample) => string;

/** The venue is asked seldom, since its answer lists all orders and takes it some milliseconds. */
const askEveryMs = 1_000;

/**
 * Waits until the venue has an order for every signal that was accepted.
 *
 * @param waitMsMax what has no order after this long counts as lost
 */
export async function followUp(
  desk: BenchDesk,
  samples: readonly LoadSample[],
  { orderIdOf, waitMsMax }: { orderIdOf: OrderIdOf; waitMsMax: number },
): Promise<Outcome> {
  const accepted = samples.filter(({ status }) => status === 202);
  const endsAtMs = performance.now() + waitMsMax;
  for (;;) {
    const orders = Map.groupBy(await desk.client.simulatorOrders(), ({ clientOrderId }) => clientOrderId);
    const outcome = compare(accepted, orders, orderIdOf);
    if (outcome.lost === 0 || performance.now() >= endsAtMs)
      return { ...outcome, refused: samples.length - accepted.length };
    await sleep(askEveryMs);
  }
}

function compare(
  accepted: readonly LoadSample[],
  orders: ReadonlyMap<string, SimulatorOrder[]>,
  orderIdOf: OrderIdOf,
): Omit<Outcome, 'refused'> {
  let [lost, doubled] = [0, 0];
  const followed = accepted.map((sample): Followed => {
    const [order, ...others] = orders.get(orderIdOf(sample)) ?? [];
    if (order === undefined) lost += 1;
    if (others.length > 0) doubled += 1;
    return order === undefined ? sample : { ...sample, acceptedAtMs: order.acceptedAtMs };
  });
  return { accepted: followed, lost, doubled };
}

/** The order that the desk makes of a signal it accepted. */
export function deskOrderIdOf({ answer }: LoadSample): string {
  const { signalId } = JSON.parse(answer) as { signalId: SignalId };
  return intentIdOf(signalId, account as AccountId);
}

/** Milliseconds from posting to the venue's acceptance, of the signals that got that far. */
export const latenciesOf = ({ accepted }: Outcome): number[] =>
  accepted.flatMap(({ postedAtMs, acceptedAtMs }) => (acceptedAtMs === undefined ? [] : [acceptedAtMs - postedAtMs]));

/** Milliseconds from posting to the 202. */
export const answerTimesOf = ({ accepted }: Outcome): number[] =>
  accepted.map(({ postedAtMs, answeredAtMs }) => answeredAtMs - postedAtMs);
