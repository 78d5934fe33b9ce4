/** The kill switch of an account, and that of all accounts. */
import type { Denial } from './denials.ts';
import type { RiskState } from './risk-state.ts';

export const switchStates = ['active', 'reducing', 'halted'] as const;
/** `reducing` lets only pass what shrinks a position; `halted` lets nothing pass. */
export type SwitchState = (typeof switchStates)[number];

/** What a switch says that nobody has set yet: it was made on first use, of an account that cannot lose money. */
export const firstUse = { state: 'active', reason: 'first use', by: 'nightdesk' } as const;

/** True where the first lets less pass than the second. */
export const isStricter = (one: SwitchState, other: SwitchState): boolean =>
  switchStates.indexOf(one) > switchStates.indexOf(other);

/** What a switch has to say for an order to pass. */
export const passingSwitches = ({ reduceOnly }: { reduceOnly?: boolean }): readonly SwitchState[] =>
  reduceOnly === true ? ['active', 'reducing'] : ['active'];

/** The rows of both switches, where they let such an order pass; else why they do not. */
export function passSwitches(
  { all, account }: { all: RiskState | undefined; account: RiskState | undefined },
  order: Parameters<typeof passingSwitches>[0],
): { all: RiskState; account: RiskState } | Denial {
  const allowed = passingSwitches(order);
  const [ofAll, own] = ['the switch of all accounts', "the account's switch"] as const;
  if (all === undefined) return unset(ofAll);
  if (!allowed.includes(all.state)) return thrown(ofAll, all);
  if (account === undefined) return unset(own);
  return allowed.includes(account.state) ? { all, account } : thrown(own, account);
}

/** Do both switches let such an order pass? `undefined` says that they do. */
export function switchesDenial(...asked: Parameters<typeof passSwitches>): Denial | undefined {
  const passed = passSwitches(...asked);
  return 'code' in passed ? passed : undefined;
}

/** True for the code of a refusal that ends by itself, in the moment that a switch is set again. */
export const isSwitchCode = (code: string | undefined): boolean =>
  code === 'switch_not_set' || code === 'switch_not_active';

const unset = (name: string): Denial => ({ code: 'switch_not_set', message: `${name} was never set to active` });

const thrown = (name: string, { state, reason }: RiskState): Denial => ({
  code: 'switch_not_active',
  message: `${name} is ${state}: ${reason}`,
});
