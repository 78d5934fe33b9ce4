import type { LoadDeskConfig } from '@nightdesk/aws';
import { type AccountId, accountOf, type ExecutionPorts, type SignalMessage, type SignalQueue } from '@nightdesk/core';
import { laneOf } from './lane.ts';

interface HandOverDependencies {
  queue: SignalQueue;
  loadConfig: LoadDeskConfig;
}

/**
 * Sends a leg to the lane of another account. The queue and the order's id see to it that it is executed once.
 *
 * It is sent also where that account is not configured any more: there it waits and is denied on record as any leg whose
 * account was removed, while the lane that it comes from goes on.
 */
export function createHandOver({ queue, loadConfig }: HandOverDependencies): ExecutionPorts['handOver'] {
  return async (message: SignalMessage, to: AccountId) => {
    const account = accountOf(await loadConfig(), to) ?? accountOf(await loadConfig({ newest: true }), to);
    const { venue = message.signal.venue } = account ?? {};
    const lane = account === undefined ? to : laneOf(account, message.signal.symbol);
    const tried = [...(message.tried ?? []), message.account];
    await queue.send([{ ...message, signal: { ...message.signal, venue }, account: to, lane, tried }]);
  };
}
