/** What must fit between the documents of a configuration. */

import { compare } from '../money.ts';
import type { ConfigDefect } from './check-config.ts';
import { checkCollectedTwice, checkCollectedVenues, checkStreamedContracts } from './collection-checks.ts';
import { type DeskConfig, type FailoverRank, failoverRanks, type SourceConfig } from './desk-config.ts';
import { deskSourceId } from './desk-source.ts';

type Usable = Partial<DeskConfig>;

/** Checks each pair of documents of which both are usable by themselves. */
export function checkTogether(config: Usable): ConfigDefect[] {
  return [
    ...checkAccounts(config),
    ...checkLimits(config),
    ...checkLiveLimits(config),
    ...checkSourceLimits(config),
    ...checkContradictions(config),
    ...checkSourceNames(config),
    ...checkSourceAccounts(config),
    ...checkFailoverGroups(config),
    ...checkSourceFailover(config),
    ...checkChannelAccounts(config),
    ...checkCollectedVenues(config),
    ...checkCollectedTwice(config),
    ...checkStreamedContracts(config),
  ];
}

function checkAccounts({ exchanges, accounts = {} }: Usable): ConfigDefect[] {
  if (exchanges === undefined) return [];
  return Object.entries(accounts).flatMap(([id, { exchange, mode }]) => {
    if (!Object.hasOwn(exchanges, exchange)) {
      return [{ path: ['accounts', id, 'exchange'], message: `exchange "${exchange}" is not in exchanges.yaml` }];
    }
    if (mode !== 'live' || exchanges[exchange]?.sandbox !== true) return [];
    const message = `a live account cannot be at "${exchange}", which exchanges.yaml keeps to its sandbox`;
    return [{ path: ['accounts', id, 'mode'], message }];
  });
}

function checkLimits({ accounts, risk }: Usable): ConfigDefect[] {
  if (accounts === undefined || risk === undefined) return [];
  const unlimited = Object.entries(accounts)
    .filter(([id, { mode }]) => mode === 'live' && !Object.hasOwn(risk.accounts, id))
    .map(([id]) => ({
      path: ['accounts', id, 'mode'],
      message: 'a live account needs limits of its own in risk.yaml',
    }));
  // A slip of the pen here would leave an account to the default limits, unnoticed.
  const unknown = Object.keys(risk.accounts)
    .filter((id) => !Object.hasOwn(accounts, id))
    .map((id) => ({ path: ['risk', 'accounts', id], message: `account "${id}" is not in accounts.yaml` }));
  return [...unlimited, ...unknown];
}

/** What a live account must not be without: how much may be at stake, and how much lost. */
const liveLimits = ['exposureMax', 'dailyLossMax'] as const;

function checkLiveLimits({ accounts, risk }: Usable): ConfigDefect[] {
  if (accounts === undefined || risk === undefined) return [];
  return Object.entries(accounts).flatMap(([id, { mode }]) => {
    const limits = Object.hasOwn(risk.accounts, id) ? risk.accounts[id] : undefined;
    if (mode !== 'live' || limits === undefined) return [];
    return liveLimits
      .filter((name) => limits[name] === undefined)
      .map((name) => ({ path: ['risk', 'accounts', id, name], message: `is missing, and "${id}" is a live account` }));
  });
}

function checkSourceLimits({ sources, risk }: Usable): ConfigDefect[] {
  if (sources === undefined || risk === undefined) return [];
  return Object.keys(risk.sources)
    .filter((id) => !Object.hasOwn(sources, id) && id !== deskSourceId)
    .map((id) => ({ path: ['risk', 'sources', id], message: `source "${id}" is not in sources.yaml` }));
}

/** The first may not be above the second: it could never be reached. */
const ordered = [
  ['orderNotionalMax', 'openNotionalMax'],
  ['orderNotionalMax', 'exposureMax'],
  ['assetExposureMax', 'exposureMax'],
] as const;

/** Limits that contradict each other, as far as both are of one kind. */
function checkContradictions({ risk }: Usable): ConfigDefect[] {
  if (risk === undefined) return [];
  const { desk, breakers, accounts } = risk;
  const sets = [
    { path: ['risk', 'default'], limits: risk.default },
    ...Object.entries(accounts).map(([id, limits]) => ({ path: ['risk', 'accounts', id], limits })),
  ];
  const own = sets.flatMap(({ path, limits }) => [
    ...ordered.flatMap(([small, large]) => contradiction([...path, small], limits[small], [large, limits[large]])),
    ...contradiction([...path, 'dailyLossMax'], limits.dailyLossMax, ['drawdownMax', limits.drawdownMax]),
  ]);
  return [
    ...own,
    ...contradiction(['risk', 'desk', 'assetExposureMax'], desk.assetExposureMax, ['exposureMax', desk.exposureMax]),
    ...contradiction(['risk', 'breakers', 'dailyLoss', 'limit'], breakers.dailyLoss?.limit, [
      'breakers.drawdown.limit',
      breakers.drawdown?.limit,
    ]),
  ];
}

function contradiction(
  path: readonly (string | number)[],
  small: string | undefined,
  [name, large]: readonly [string, string | undefined],
): ConfigDefect[] {
  const isShare = (text: string) => text.endsWith('%');
  if (small === undefined || large === undefined || isShare(small) !== isShare(large)) return [];
  const [least, most] = [small, large].map((text) => text.replace('%', ''));
  if (least === undefined || most === undefined || compare(least, most) <= 0) return [];
  return [{ path: [...path], message: `is ${small}, above ${name}, which is ${large}` }];
}

/** Orders of the desk's own API would pass for those of a source of that name. */
function checkSourceNames({ sources = {} }: Usable): ConfigDefect[] {
  if (!Object.hasOwn(sources, deskSourceId)) return [];
  const message = 'is the name of the desk itself, whose orders come through its API; choose another one';
  return [{ path: ['sources', deskSourceId], message }];
}

function checkSourceAccounts({ accounts, sources = {} }: Usable): ConfigDefect[] {
  if (accounts === undefined) return [];
  return Object.entries(sources).flatMap(([id, source]) =>
    source.accounts.flatMap((account, index) =>
      Object.hasOwn(accounts, account)
        ? []
        : [{ path: ['sources', id, 'accounts', index], message: `account "${account}" is not in accounts.yaml` }],
    ),
  );
}

/** Every rank of a group is taken once, and none without the one before it: otherwise nobody can say who comes first. */
function checkFailoverGroups({ exchanges = {} }: Usable): ConfigDefect[] {
  const groups = new Map<string, Map<FailoverRank, string>>();
  const defectOf = (venue: string, message: string) => ({ path: ['exchanges', venue, 'failover', 'rank'], message });
  const taken = Object.entries(exchanges).flatMap(([venue, { failover }]) => {
    if (failover === undefined) return [];
    const holders = groups.get(failover.group) ?? new Map<FailoverRank, string>();
    const holder = holders.get(failover.rank);
    if (holder !== undefined) {
      return [defectOf(venue, `"${holder}" is the ${failover.rank} of the group "${failover.group}" already`)];
    }
    groups.set(failover.group, holders.set(failover.rank, venue));
    return [];
  });
  const alone = [...groups].flatMap(([group, holders]) =>
    [...holders].flatMap(([rank, venue]) => {
      const before = failoverRanks[failoverRanks.indexOf(rank) - 1];
      if (before === undefined || holders.has(before)) return [];
      return [defectOf(venue, `the group "${group}" has a ${rank} and no ${before}`)];
    }),
  );
  return [...taken, ...alone];
}

/** An order may go elsewhere only where the source has an account of the same mode at another venue of the group. */
function checkSourceFailover({ exchanges, accounts, sources = {} }: Usable): ConfigDefect[] {
  if (exchanges === undefined || accounts === undefined) return [];
  const placesOf = (source: SourceConfig) =>
    source.accounts.flatMap((id) => {
      const account = Object.hasOwn(accounts, id) ? accounts[id] : undefined;
      const group = account && exchanges[account.exchange]?.failover?.group;
      return account === undefined || group === undefined ? [] : [{ ...account, group }];
    });
  return Object.entries(sources).flatMap(([id, source]) => {
    const places = placesOf(source);
    const hasStandIn = places.some(({ group, mode, exchange }) =>
      places.some((other) => other.group === group && other.mode === mode && other.exchange !== exchange),
    );
    if (!source.failover || hasStandIn) return [];
    const message = 'needs two accounts of one mode at different exchanges of one failover group';
    return [{ path: ['sources', id, 'failover'], message }];
  });
}

/** A slip of the pen here would leave somebody untold of what happens to an account. */
function checkChannelAccounts({ accounts, notifications }: Usable): ConfigDefect[] {
  if (accounts === undefined || notifications === undefined) return [];
  return Object.entries(notifications.channels).flatMap(([id, { accounts: named = [] }]) =>
    named.flatMap((account, index) =>
      Object.hasOwn(accounts, account)
        ? []
        : [
            {
              path: ['notifications', 'channels', id, 'accounts', index],
              message: `account "${account}" is not in accounts.yaml`,
            },
          ],
    ),
  );
}
