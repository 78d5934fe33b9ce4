/** One piece of news: whose it is, and what is written down of it. */
import type { LoadDeskConfig } from '@nightdesk/aws';
import {
  accountOf,
  type ConfiguredAccount,
  type DeskConfig,
  type Order,
  OrderContradictionError,
  type OrderNews,
} from '@nightdesk/core';
import type { FollowRound } from '../shared/order-context.ts';
import type { FindOrder } from './find-order.ts';
import { recordNews } from './record-news.ts';

export interface ApplyNewsDependencies extends Pick<FollowRound, 'ports' | 'liveTrading'> {
  loadConfig: LoadDeskConfig;
  find: FindOrder;
}

/** `waits`: the order may be recorded any moment, so the news are to be delivered again. */
export type AppliedNews = RecordedNews | { kind: 'dropped'; reason: string } | { kind: 'waits' };

export interface RecordedNews {
  kind: 'recorded';
  before: Order;
  /** The same version where there was nothing new. */
  after: Order;
  round: FollowRound;
}

/**
 * @param isLast they are not delivered again because the order is not known
 * @throws what the stores throw, and what a venue throws that is asked
 */
export async function applyNews(
  news: OrderNews,
  isLast: boolean,
  dependencies: ApplyNewsDependencies,
): Promise<AppliedNews> {
  const { config, account } = await loadAccount(news.account, dependencies);
  // Paper accounts have no venue that could tell anything: their own table is the only word on them.
  if (account === undefined || account.mode === 'paper' || account.venue !== news.venue) {
    return { kind: 'dropped', reason: `the desk has no account ${news.account} at ${news.venue}` };
  }
  const found = await dependencies.find(news, account, isLast);
  if (found.kind === 'absent') return { kind: 'waits' };
  if (found.kind === 'others') return { kind: 'dropped', reason: 'it is none of the orders of the desk' };
  if (found.kind === 'contradicts') return { kind: 'dropped', reason: found.reason };
  const { ports, liveTrading } = dependencies;
  const round: FollowRound = { account, config, liveTrading, ports };
  try {
    return { kind: 'recorded', before: found.order, after: await recordNews(found.order, news, round), round };
  } catch (error) {
    // Whether desk or venue is wrong, asking tells: tracking does, and says so where it stays that way.
    if (error instanceof OrderContradictionError) return { kind: 'dropped', reason: error.message };
    throw error;
  }
}

/** Functions come to know a new configuration one after the other, so the one that streams may know an account before this one. */
async function loadAccount(
  id: string,
  { loadConfig }: ApplyNewsDependencies,
): Promise<{ config: DeskConfig; account: ConfiguredAccount | undefined }> {
  const known = await loadConfig();
  const config = accountOf(known, id) === undefined ? await loadConfig({ newest: true }) : known;
  return { config, account: accountOf(config, id) };
}
