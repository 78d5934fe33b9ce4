/** The hard caps that no size exceeds, however it was found. */
import {
  type Amount,
  amountFor,
  compare,
  type Notional,
  notional,
  notionalOf,
  type Price,
  price,
  roundToStep,
  scaleBy,
} from '../../money.ts';
import { checkPositive } from './checks.ts';

export interface SizeCaps {
  /** Largest worth of the position. */
  notionalMax?: Notional;
  /** Its largest worth as a multiple of the equity. */
  leverageMax?: string;
  /** Smallest change of an amount at the venue; the amount is rounded down to a multiple of it. */
  amountStep?: Amount;
}

export type CapName = 'notionalMax' | 'leverageMax';

export interface Size {
  amount: Amount;
  /** Of that amount at the price given. */
  notional: Notional;
  /** What made it smaller than was wanted; absent where nothing did. */
  cappedBy?: CapName;
}

/** @throws SizingError */
export function capped(
  wanted: Notional,
  { equity, entry }: { equity: Notional; entry: Price },
  { notionalMax, leverageMax, amountStep }: SizeCaps,
): Size {
  const base = notional(checkPositive('equity', equity));
  const at = price(checkPositive('entry', entry));
  const caps: [CapName, Notional | undefined][] = [
    ['notionalMax', notionalMax && checkPositive('notionalMax', notionalMax)],
    ['leverageMax', leverageMax === undefined ? undefined : scaleBy(base, checkPositive('leverageMax', leverageMax))],
  ];
  let [most, cappedBy]: [Notional, CapName | undefined] = [wanted, undefined];
  for (const [name, cap] of caps) {
    if (cap !== undefined && compare(cap, most) < 0) [most, cappedBy] = [cap, name];
  }
  const exact = amountFor(most, at);
  const step = amountStep && checkPositive('amountStep', amountStep);
  const amount = step === undefined ? exact : roundToStep(exact, step, 'down');
  return { amount, notional: notionalOf(amount, at), ...(cappedBy !== undefined && { cappedBy }) };
}
