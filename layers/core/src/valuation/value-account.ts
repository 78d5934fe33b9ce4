/**
 * What an account has, in the owner's currency.
 *
 * - Equity is what its balances are worth, less what is owed, and the open profit of positions where the wallet does not count it
 *   already.
 * - An asset without a rate counts as nothing and is named in `unvalued`. A debt or an open profit that cannot be valued leaves
 *   the equity unknown instead: it could only be too high.
 *
 * All of it is exact; only rates are rounded (`rates.ts`), and profits of inverse contracts (`contracts.ts`).
 */
import type { ValuedBalance, ValuedPosition, WalletMargin } from '../books/books.ts';
import {
  type Amount,
  absolute,
  compare,
  isNegative,
  type Notional,
  subtract,
  zeroAmount,
  zeroNotional,
} from '../money.ts';
import type { Balance, Position, Wallet } from '../ports/account.ts';
import {
  type Contract,
  type ContractMarket,
  contractOf,
  distanceToLiquidation,
  markOf,
  positionWorth,
  unrealizedOf,
} from './contracts.ts';
import { ownersWorth, type Rates } from './rates.ts';
import { sumOf } from './sum-of.ts';

/** What a venue told of an account at one look. */
export interface ToldAccount {
  wallets: readonly { wallet: Wallet; balances: readonly Balance[] }[];
  positions: readonly Position[];
}

export interface ValueContext {
  rates: Rates;
  dustBelow: Notional;
  /** Of the positions; what is not there is told by symbols, which say nothing of the size of inverse contracts. */
  markets: readonly ContractMarket[];
}

export interface AccountValue {
  /** All but those of nothing, in the order told. */
  balances: ValuedBalance[];
  positions: ValuedPosition[];
  /** Of wallets that contracts are paid from. */
  margins: WalletMargin[];
  /** Absent where a debt or an open profit could not be valued. */
  equity?: Notional;
  /** Open profit of contracts; absent where that of one of them could not be valued. */
  unrealized?: Notional;
  /** Assets held, owed or settled in whose worth nothing tells, sorted. */
  unvalued: string[];
  /** Assets whose worth is more than dust, sorted: when one of them has no rate at the next look, equity cannot be compared. */
  valued: string[];
  /** `<wallet>:<asset>` of balances worth less than `dustBelow`. */
  dust: string[];
}

/** A position with what else is known of it. */
interface Held {
  valued: ValuedPosition;
  contract: Contract;
  /** In the owner's currency. */
  profit: Notional | undefined;
  wallet: Wallet | undefined;
}

export function valueAccount(told: ToldAccount, { rates, dustBelow, markets }: ValueContext): AccountValue {
  const balances = told.wallets.flatMap(({ wallet, balances: all }) => all.map((one) => valued(wallet, one, rates)));
  const there = balances.filter((balance) => !isNothing(balance));
  const held = told.positions.map((position) =>
    hold(position, { rates, wallets: told.wallets, contract: contractOf(position.symbol, markets) }),
  );
  const unrealized = sumOf(held.map(({ profit }) => profit));
  const equity = equityOfAll(there, held);
  const valuables = [
    ...there.filter(({ worth }) => worth === undefined).map(({ asset }) => asset),
    ...held
      .filter(({ contract: { settle } }) => ownersWorth(rates, settle, '1') === undefined)
      .map((one) => one.contract.settle),
  ];
  return {
    balances: there,
    positions: held.map((one) => one.valued),
    margins: told.wallets
      .filter(({ wallet }) => wallet.kinds.some((kind) => kind !== 'spot'))
      .map(({ wallet }) => marginOf(wallet, { balances: there, held, rates })),
    ...(equity !== undefined && { equity }),
    ...(unrealized !== undefined && { unrealized }),
    unvalued: [...new Set(valuables)].sort(),
    valued: [
      ...new Set(there.filter((balance) => isMoreThanDust(balance, dustBelow)).map(({ asset }) => asset)),
    ].sort(),
    dust: there.filter((balance) => isDust(balance, dustBelow)).map(({ wallet, asset }) => `${wallet}:${asset}`),
  };
}

/** What is owed is taken off: a total below zero has it taken off already, one above may not have. */
export const ownOf = ({ total, borrowed }: Balance): Amount =>
  borrowed === undefined || isNegative(total) ? total : subtract(total, borrowed);

/** True for what is worth less than `dustBelow`, a debt included; never for what cannot be valued. */
export const isDust = ({ worth }: Pick<ValuedBalance, 'worth'>, dustBelow: Notional): boolean =>
  worth !== undefined && compare(absolute(worth), dustBelow) < 0;

const isMoreThanDust = ({ worth }: ValuedBalance, dustBelow: Notional): boolean =>
  worth !== undefined && compare(absolute(worth), dustBelow) >= 0;

const isNothing = ({ total, borrowed = zeroAmount }: Balance): boolean =>
  compare(total, '0') === 0 && compare(borrowed, '0') === 0;

function valued({ name }: Wallet, balance: Balance, rates: Rates): ValuedBalance {
  const worth = ownersWorth(rates, balance.asset, ownOf(balance));
  return { ...balance, wallet: name, ...(worth !== undefined && { worth }) };
}

interface Around {
  rates: Rates;
  wallets: ToldAccount['wallets'];
  contract: Contract;
}

function hold(position: Position, { rates, wallets, contract }: Around): Held {
  const mark = markOf(position, contract, rates);
  const unrealizedPnl = unrealizedOf(position, contract, mark);
  const worth = positionWorth(position, contract, { mark, rates });
  const distance = distanceToLiquidation(position, mark);
  const wallet = walletOf(contract, wallets);
  return {
    valued: {
      ...position,
      wallet: wallet?.name ?? '',
      ...(mark !== undefined && { markPrice: mark }),
      ...(unrealizedPnl !== undefined && { unrealizedPnl }),
      ...(worth !== undefined && { worth }),
      ...(distance !== undefined && { distanceToLiquidation: distance }),
    },
    contract,
    profit: unrealizedPnl && ownersWorth(rates, contract.settle, unrealizedPnl),
    wallet,
  };
}

/** The wallet that pays for contracts of the kind; of several the first that has of what this one settles in. */
function walletOf({ kind, settle }: Contract, wallets: ToldAccount['wallets']): Wallet | undefined {
  const paying = wallets.filter(({ wallet }) => wallet.kinds.includes(kind));
  const having = paying.find(({ balances }) => balances.some((balance) => balance.asset === settle));
  return (having ?? paying[0])?.wallet;
}

function equityOfAll(balances: readonly ValuedBalance[], held: readonly Held[]): Notional | undefined {
  const isUncertain = balances.some((balance) => balance.worth === undefined && isNegative(ownOf(balance)));
  if (isUncertain) return undefined;
  const beside = held.filter(({ wallet }) => wallet?.countsOpenProfit !== true);
  return sumOf([...balances.map(({ worth = zeroNotional }) => worth), ...beside.map(({ profit }) => profit)]);
}

interface Behind {
  balances: readonly ValuedBalance[];
  held: readonly Held[];
  rates: Rates;
}

/**
 * Used is what the venue shows as used of the wallet's balances, orders included, else what its positions say that they take.
 * Free is the venue's word, too. Assets without a rate stand behind nothing.
 */
function marginOf({ name }: Wallet, { balances, held, rates }: Behind): WalletMargin {
  const behind = balances.filter(({ wallet, worth }) => wallet === name && worth !== undefined);
  const positions = held.filter(({ wallet }) => wallet?.name === name);
  const ofBalances = (part: 'used' | 'free') =>
    sumOf(behind.map((balance) => balance[part] && ownersWorth(rates, balance.asset, balance[part])));
  const ofPositions = (part: 'initialMargin' | 'maintenanceMargin') =>
    sumOf(
      positions.map(
        ({ valued: { [part]: margin }, contract }) => margin && ownersWorth(rates, contract.settle, margin),
      ),
    );
  const used = ofBalances('used') ?? ofPositions('initialMargin');
  const free = ofBalances('free');
  const maintenance = ofPositions('maintenanceMargin');
  return {
    wallet: name,
    ...(used !== undefined && { used }),
    ...(free !== undefined && { free }),
    ...(maintenance !== undefined && { maintenance }),
  };
}
