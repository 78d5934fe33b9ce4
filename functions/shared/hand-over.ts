import {
  type AccountId,
  accountOf,
  type DeskConfig,
  type ExecutionPorts,
  type SignalMessage,
  type SignalQueue,
} from '@nightdesk/core';
import { laneOf } from './lane.ts';

interface HandOverDependencies {
  queue: SignalQueue;
  loadConfig(): Promise<DeskConfig>;
}

/** Sends a leg to the lane of another account. The queue and the order's id see to it that it is executed once. */
export function createHandOver({ queue, loadConfig }: HandOverDependencies): ExecutionPorts['handOver'] {
  return async (message: SignalMessage, to: AccountId) => {
    const account = accountOf(await loadConfig(), to);
    if (account === undefined)
      throw new Error(`account ${to}, which the leg was handed over to, is no longer configured`);
    const signal = { ...message.signal, venue: account.venue };
    const tried = [...(message.tried ?? []), message.account];
    await queue.send([{ ...message, signal, account: to, lane: laneOf(account, signal.symbol), tried }]);
  };
}
