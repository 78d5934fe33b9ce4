/** What an account's equity was at the moments that losses are measured from. */
import type { Notional } from '../money.ts';

export interface EquityMarks {
  /** When the equity was found; UTC epoch milliseconds. */
  atMs: number;
  /** In the owner's currency, as are all others. */
  currency: string;
  equity: Notional;
  /** The same without what nobody has explained (`unexplained.ts`); absent where that is nothing. */
  explained?: Notional;
  /** Day of the owner's time zone, `YYYY-MM-DD`, and what the equity was when it began. */
  day: string;
  dayStart: Notional;
  /** Highest equity so far. Moved along with every deposit and withdrawal, as is `dayStart`. */
  peak: Notional;
  /** Deposits less withdrawals since the day began. */
  dayTransfers: Notional;
  /** Zero or more. */
  dailyLoss: Notional;
  drawdown: Notional;
  /** Open profit of positions, at the venue's or the market's price; part of `equity`. Absent where it could not be told. */
  unrealized?: Notional;
  /** Assets that it rests on, dust aside. */
  valued?: string[];
}
