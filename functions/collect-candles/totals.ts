/** What a block adds to the totals of its series. */
import { type CandleBlock, countOpens, type SeriesTotals } from '@nightdesk/core';

const kinds = { open: 'open', 'no-trades': 'noTrades', outage: 'outage', quarantined: 'quarantined' } as const;

interface Stored {
  block: CandleBlock;
  hotBytes: number;
  coldBytes: number;
}

function contributionOf({ block, hotBytes, coldBytes }: Stored, timeframe: string): SeriesTotals {
  const missing = { open: 0, noTrades: 0, outage: 0, quarantined: 0 };
  for (const gap of block.gaps) missing[kinds[gap.kind]] += countOpens(timeframe, gap);
  return {
    ...{ candles: block.candles.openMs.length, hotBytes, coldBytes, periods: 1, missing },
    rebuilt: block.rebuilt.reduce((sum, span) => sum + countOpens(timeframe, span), 0),
    ...{ revised: block.revised, quarantined: missing.quarantined },
  };
}

/**
 * The totals with a block instead of what it was before. The sizes of what it was before are not stored; they are taken to be as
 * large per candle as it is now.
 *
 * @param before `undefined` where it was not counted yet
 */
export function countBlock(
  totals: SeriesTotals,
  { before, after }: { before: CandleBlock | undefined; after: Stored },
  timeframe: string,
): SeriesTotals {
  const added = contributionOf(after, timeframe);
  if (before === undefined) return combine(totals, added, 1);
  const share = before.candles.openMs.length / Math.max(1, after.block.candles.openMs.length);
  const [hotBytes, coldBytes] = [Math.round(after.hotBytes * share), Math.round(after.coldBytes * share)];
  const taken = contributionOf({ block: before, hotBytes, coldBytes }, timeframe);
  return combine(combine(totals, added, 1), taken, -1);
}

function combine(left: SeriesTotals, right: SeriesTotals, sign: 1 | -1): SeriesTotals {
  const sum = (a: number, b: number) => Math.max(0, a + sign * b);
  return {
    candles: sum(left.candles, right.candles),
    hotBytes: sum(left.hotBytes, right.hotBytes),
    coldBytes: sum(left.coldBytes, right.coldBytes),
    periods: sum(left.periods, right.periods),
    missing: {
      open: sum(left.missing.open, right.missing.open),
      noTrades: sum(left.missing.noTrades, right.missing.noTrades),
      outage: sum(left.missing.outage, right.missing.outage),
      quarantined: sum(left.missing.quarantined, right.missing.quarantined),
    },
    rebuilt: sum(left.rebuilt, right.rebuilt),
    revised: sum(left.revised, right.revised),
    quarantined: sum(left.quarantined, right.quarantined),
  };
}

/** Without the table's share of blocks that only files hold from now on. */
export function withoutHot(totals: SeriesTotals, { periods, hotPeriods }: { periods: number; hotPeriods: number }) {
  const share = hotPeriods === 0 ? 0 : Math.min(1, periods / hotPeriods);
  return { ...totals, hotBytes: Math.round(totals.hotBytes * (1 - share)) };
}
