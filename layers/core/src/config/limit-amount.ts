/** What a limit of `config/risk.yaml` comes to. */
import { type Notional, shareOf } from '../money.ts';

/** An amount in the owner's currency, or a share of equity such as `30%`. */
export type LimitText = string & { readonly limitText: unique symbol };

/** What a limit is in the owner's currency; `undefined` where it is a share of an equity that is not known. */
export function limitAmount(text: LimitText, equity: Notional): Notional;
export function limitAmount(text: LimitText, equity: Notional | undefined): Notional | undefined;
export function limitAmount(text: LimitText, equity: Notional | undefined): Notional | undefined {
  if (!text.endsWith('%')) return text as string as Notional;
  return equity === undefined ? undefined : shareOf(equity, text.slice(0, -1), '100');
}
