/** What the switches say before anything is recorded. Only a look: whatever is recorded is judged anew by its own transaction. */
import type { AccountId } from '../ids.ts';
import type { RiskStore } from '../ports/stores.ts';
import type { Denial } from '../risk/denials.ts';
import { switchesDenial } from '../risk/switches.ts';

/** Strongly consistent, as `RiskStore.get` is. */
export type SwitchRows = Pick<RiskStore, 'get'>;

/** Do both switches let such an order of the account pass now? `undefined` says that they do. */
export async function askSwitches(
  account: AccountId,
  order: Parameters<typeof switchesDenial>[1],
  risk: SwitchRows,
): Promise<Denial | undefined> {
  const [all, own] = await Promise.all([risk.get('*'), risk.get(account)]);
  return switchesDenial({ all, account: own }, order);
}

/** Reads each row once, for all who ask during one round. */
export function readSwitchesOnce(risk: SwitchRows): SwitchRows {
  const read = new Map<string, ReturnType<SwitchRows['get']>>();
  return {
    get(account) {
      const row = read.get(account) ?? risk.get(account);
      read.set(account, row);
      return row;
    },
  };
}
