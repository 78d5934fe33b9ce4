/** The exits of one market: looked after by whoever finds that something in it has changed, or that it is time. */
import type { Telemetry } from '@nightdesk/aws';
import { keepMarketExits, type Order } from '@nightdesk/core';
import { contextOf, type FollowRound } from './order-context.ts';

export interface KeepRound extends FollowRound {
  /** Until when venues are waited for; UTC epoch milliseconds. */
  deadlineMs: number;
  telemetry: Telemetry;
}

export interface KeptMarket {
  /** As they are after the pass. */
  entries: Order[];
  hasFailed: boolean;
}

/**
 * One pass over the brackets of an account in one market, all of them together, since they share its position. What fails is logged,
 * and left to the next pass.
 */
export async function keepMarket(brackets: readonly Order[], round: KeepRound): Promise<KeptMarket> {
  const { ports, deadlineMs, telemetry } = round;
  const [first] = brackets;
  if (first === undefined) return { entries: [], hasFailed: false };
  try {
    const context = await contextOf(first, round);
    const { entries, failures } = await keepMarketExits(brackets, context, { ...ports, deadlineMs });
    for (const failure of failures) telemetry.failure('exits could not be kept', failure);
    return { entries, hasFailed: failures.length > 0 };
  } catch (error) {
    telemetry.failure('exits could not be kept', error);
    return { entries: [], hasFailed: true };
  }
}
