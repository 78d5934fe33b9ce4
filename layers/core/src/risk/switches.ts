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

/** Do both switches let such an order pass? `undefined` says that they do. */
export function switchesDenial(
  { all, account }: { all: RiskState | undefined; account: RiskState | undefined },
  order: Parameters<typeof passingSwitches>[0],
): Denial | undefined {
  const allowed = passingSwitches(order);
  return (
    switchDenial('the switch of all accounts', all, allowed) ?? switchDenial("the account's switch", account, allowed)
  );
}

function switchDenial(name: string, row: RiskState | undefined, allowed: readonly SwitchState[]): Denial | undefined {
  if (row === undefined) return { code: 'switch_not_set', message: `${name} was never set to active` };
  if (allowed.includes(row.state)) return undefined;
  return { code: 'switch_not_active', message: `${name} is ${row.state}: ${row.reason}` };
}
