/** What the owner of a simulated desk wrote into its files: venues, accounts and sources as the dice have it. */
import {
  type AccountId,
  type DeskConfig,
  failoverRanks,
  type LimitText,
  parseDeskConfig,
  type VenueId,
} from '@nightdesk/core';
import type { Dice } from './dice.ts';

export interface Settings {
  /** The venue of `main` first; those of a desk that has several are one failover group. */
  venues: readonly VenueId[];
  accounts: Readonly<Record<AccountId, { exchange: VenueId; mode: 'sandbox' }>>;
  risingNonces: boolean;
  /** Of the two sources, those that let another account of theirs stand in. */
  failover: Readonly<Record<'cautious' | 'eager', boolean>>;
  openNotionalMax: string;
  exposureMax: LimitText;
  venueExposureMax: LimitText;
  openOrdersMax: number;
  /** Which of the markets most signals are for: what happens in one market has to do with each other. */
  focus: number;
}

const names = ['fake', 'other', 'third'] as const;
const main = 'main' as AccountId;

/** A third of the desks have one venue, where nobody stands in for anybody. */
export function drawSettings(dice: Dice): Settings {
  const venues = names.slice(0, dice.pick([1, 2, 3])) as readonly string[] as readonly VenueId[];
  const [first, second, third] = venues;
  const isAt = (exchange: VenueId | undefined, ...ids: string[]) =>
    exchange === undefined ? [] : ids.map((id) => [id, { exchange, mode: 'sandbox' as const }] as const);
  const accounts = [
    ...isAt(first, 'main', 'second'),
    ...isAt(second, 'backup', ...(dice.chance(0.5) ? ['spare'] : [])),
    ...isAt(third, 'last'),
  ];
  const allowsFailover = () => venues.length > 1 && dice.chance(0.75);
  return {
    venues,
    accounts: Object.fromEntries(accounts),
    risingNonces: dice.chance(0.3),
    failover: { cautious: allowsFailover(), eager: allowsFailover() },
    openNotionalMax: dice.pick(['1000', '5000', '100000']),
    focus: dice.pick([0, 1, 2, 2]),
    exposureMax: dice.pick([
      '1000',
      '4000',
      '1000000',
      '1000000',
      '1000000',
      '1000000',
      '1000000',
      '1000000',
    ]) as LimitText,
    venueExposureMax: dice.pick(['1500', '1000000', '1000000', '1000000', '1000000', '1000000']) as LimitText,
    openOrdersMax: dice.pick([3, 500, 500, 500, 500, 500]),
  };
}

/** The accounts at the venue of `main`. */
export const neighbours = ({ accounts }: Settings): AccountId[] =>
  accountIds(accounts).filter((id) => accounts[id]?.exchange === accounts[main]?.exchange);

/** Accounts that the owner may take out of the files, which is all but the one that signals go to by default. */
export const removable = ({ accounts }: Settings): AccountId[] => accountIds(accounts).filter((id) => id !== main);

/** @throws TypeError for an account that there is not */
export function venueIdOf({ accounts }: Settings, account: AccountId): VenueId {
  const exchange = accounts[account]?.exchange;
  if (exchange === undefined) throw new TypeError(`there is no account ${account}`);
  return exchange;
}

export const accountIds = (accounts: Settings['accounts']): AccountId[] => Object.keys(accounts) as AccountId[];

/** The configuration that the settings make, with one account taken out or none. */
export function configOf({ venues, accounts, ...settings }: Settings, removed?: AccountId): DeskConfig {
  const kept = Object.entries(accounts).filter(([id]) => id !== removed);
  const isGrouped = new Set(kept.map(([, { exchange }]) => exchange)).size > 1;
  const { risingNonces, failover, openNotionalMax, exposureMax, venueExposureMax, openOrdersMax } = settings;
  // No order is larger than all of them together may be.
  const limits = { orderNotionalMax: '1000', openNotionalMax, exposureMax, openOrdersMax };
  const exchanges = venues.map((venue, index) => {
    const group = { failover: { group: 'spot', rank: failoverRanks[index] } };
    return [venue, { risingNonces, ...(venues.length > 1 && group) }];
  });
  // A window as long as senders resend: a resend after it is a new signal by definition, not by defect.
  const source = (name: keyof Settings['failover']) => ({
    ...{ authentication: ['token'], accounts: kept.map(([id]) => id), defaultAccount: main },
    ...{ duplicateWindowSeconds: 300, failover: isGrouped && failover[name] },
  });
  return parseDeskConfig({
    exchanges: Object.fromEntries(exchanges),
    accounts: Object.fromEntries(kept),
    sources: { cautious: source('cautious'), eager: { ...source('eager'), onUnknown: 'place_again' } },
    risk: { desk: { venueExposureMax }, default: limits },
  });
}
