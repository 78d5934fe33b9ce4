/**
 * Which accounts may take a signal over while the venue of its own account does not answer.
 *
 * Safe because of what is recorded first: the leg is handed over only by recording, on condition that its order is absent,
 * that it was denied here and who has it now. An order that was recorded as intended is never handed over, whatever its
 * venue does, since only that venue can tell whether it has it.
 */
import { accountOf } from '../config/configured.ts';
import type { ConfiguredAccount, DeskConfig, ExchangeConfig, SourceConfig } from '../config/desk-config.ts';
import type { AccountId } from '../ids.ts';

type Rank = NonNullable<ExchangeConfig['failover']>['rank'];
const order: Readonly<Record<Rank, number>> = { primary: 0, secondary: 1, tertiary: 2 };

export interface FailoverQuestion {
  config: DeskConfig;
  /** Where the signal came from; absent when the source was removed meanwhile, which allows nothing. */
  source: SourceConfig | undefined;
  account: ConfiguredAccount;
  /** Accounts that handed the leg on already. */
  tried: readonly AccountId[];
}

/**
 * Accounts of the source at the other venues of the failover group, in the order of their ranks. Each has the mode of the
 * first account: real money is not replaced by play money, nor the other way round.
 */
export function standInsFor({ config, source, account, tried }: FailoverQuestion): ConfiguredAccount[] {
  const group = account.exchangeConfig.failover?.group;
  if (source?.failover !== true || group === undefined) return [];
  return source.accounts
    .flatMap((id) => {
      const candidate = accountOf(config, id);
      const failover = candidate?.exchangeConfig.failover;
      if (candidate === undefined || failover?.group !== group) return [];
      const { venue, mode, exchangeConfig } = candidate;
      const fits =
        exchangeConfig.enabled && mode === account.mode && venue !== account.venue && !tried.includes(candidate.id);
      return fits ? [{ candidate, rank: order[failover.rank] }] : [];
    })
    .toSorted((left, right) => left.rank - right.rank)
    .map(({ candidate }) => candidate);
}
