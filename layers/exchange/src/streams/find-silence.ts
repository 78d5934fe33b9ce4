/** When nothing has come of a subscription for longer than can be. */
import type { MarketStreamKind } from '@nightdesk/core';
import type { Subscription } from './subscription.ts';

/**
 * So long after it was asked for a book has to have come, and anything else to have been taken by the venue; milliseconds. A book that
 * is asked for over HTTP waits for its turn, too.
 */
const answerMsMax = { told: 10_000, requested: 90_000 } as const;

/** What has a pace of its own. Trades come when people trade. */
const paced: ReadonlySet<MarketStreamKind> = new Set(['books', 'tickers', 'funding']);

/** @returns for people; nothing where all is well */
export function findSilence(
  { plan, state, askedMs, silence, wanted }: Subscription,
  { nowMs, beginsByRequest }: { nowMs: number; beginsByRequest: boolean },
): string | undefined {
  if (plan === undefined || state === 'due') return undefined;
  const waitMsMax = beginsByRequest && wanted.kind === 'books' ? answerMsMax.requested : answerMsMax.told;
  if (state === 'asked') {
    return nowMs - askedMs > waitMsMax ? `nothing came within ${waitMsMax} ms of asking for it` : undefined;
  }
  if (!paced.has(wanted.kind) || !silence.isSilent(nowMs)) return undefined;
  return `nothing came for ${silence.pauseMsMax} ms, which is not its pace`;
}
