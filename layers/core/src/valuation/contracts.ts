/**
 * What an open position in a contract is worth and has made so far.
 *
 * - Linear: profit of a long is amount × (mark price − entry price), in the settlement asset.
 * - Inverse: profit of a long is contracts × contract size × (1 ÷ entry price − 1 ÷ mark price), in the base asset, as a contract
 *   stands for an amount of quote asset (as CoinEx states it in "How to calculate inverse contract equity and PNL",
 *   https://support.coinex.com/hc/en-us/articles/6574589129497).
 * - A short makes what a long loses. Quanto contracts and options have formulas of their own: there only the venue's word counts.
 */
import {
  type Amount,
  compare,
  divideBy,
  isPositive,
  type Notional,
  type Price,
  roundToStep,
  scaleBy,
  subtract,
  zeroAmount,
} from '../money.ts';
import type { Position } from '../ports/account.ts';
import type { Market, MarketKind } from '../ports/market-data.ts';
import { partsOf, profitCurrencyOf } from '../positions/position-delta.ts';
import { ownersRate, ownersWorth, type Rates } from './rates.ts';

export type ContractMarket = Pick<
  Market,
  'symbol' | 'kind' | 'base' | 'quote' | 'settle' | 'contractType' | 'contractSize'
>;

/** What has to be known of a contract. */
export interface Contract {
  kind: MarketKind;
  base: string;
  quote: string;
  settle: string;
  type: 'linear' | 'inverse' | 'quanto';
  /** What one contract stands for; absent where it is not known. */
  contractSize?: Amount;
}

/** Profit in assets that are no fixed share of one is rounded to this, half to even. */
const profitStep = '0.000000000000000001';
/** Distances are cut to this, percent: never further away than it is. */
const distanceStep = '0.01';

/** Of the market where it is given, else what its unified symbol says. */
export function contractOf(symbol: string, markets: readonly ContractMarket[]): Contract {
  const market = markets.find((candidate) => candidate.symbol === symbol);
  const { base, quote, settle = quote } = market ?? partsOf(symbol);
  return {
    ...{ base, quote, settle },
    kind: market?.kind ?? kindOf(symbol),
    type: market?.contractType ?? typeOf(symbol, { base, settle }),
    ...(market?.contractSize !== undefined && { contractSize: market.contractSize }),
  };
}

function typeOf(symbol: string, { base, settle }: { base: string; settle: string }): Contract['type'] {
  if (profitCurrencyOf(symbol) !== undefined) return 'linear';
  return settle === base ? 'inverse' : 'quanto';
}

/** `BTC/USDT:USDT` is a perpetual, `…-270326` a future, `…-270326-50000-C` an option. */
function kindOf(symbol: string): MarketKind {
  const [, contract] = symbol.split(':');
  if (contract === undefined) return 'spot';
  const partCount = contract.split('-').length;
  if (partCount > 2) return 'option';
  return partCount === 2 ? 'future' : 'perpetual';
}

/** The venue's mark price, else what the rates say of a contract without an expiry. */
export function markOf({ markPrice }: Position, contract: Contract, rates: Rates): Price | undefined {
  if (markPrice !== undefined && isPositive(markPrice)) return markPrice;
  if (contract.kind !== 'perpetual') return undefined;
  const [base, quote] = [ownersRate(rates, contract.base), ownersRate(rates, contract.quote)];
  return base === undefined || quote === undefined ? undefined : divideBy(base, quote);
}

/** The venue's own figure, else by mark and entry price; in the settlement asset, `undefined` where it cannot be told. */
export function unrealizedOf(position: Position, contract: Contract, mark: Price | undefined): Amount | undefined {
  const { unrealizedPnl, entryPrice, amount, contracts, side } = position;
  if (unrealizedPnl !== undefined) return unrealizedPnl;
  if (entryPrice === undefined || mark === undefined || contract.kind === 'option') return undefined;
  const rise = subtract(mark, entryPrice);
  const gain = side === 'long' ? rise : subtract('0' as Price, rise);
  if (contract.type === 'linear') return scaleBy(amount, gain);
  const { contractSize } = contract;
  if (contract.type === 'quanto' || contractSize === undefined || !isPositive(entryPrice)) return undefined;
  const made = divideBy(scaleBy(scaleBy(contracts, contractSize), gain), scaleBy(mark, entryPrice));
  return roundToStep(made, profitStep, 'halfEven');
}

/** What stands at the market, without a sign, in the owner's currency. */
export function positionWorth(
  { amount, contracts }: Position,
  contract: Contract,
  { mark, rates }: { mark: Price | undefined; rates: Rates },
): Notional | undefined {
  const { kind, type, contractSize, base, quote, settle } = contract;
  if (kind === 'option' || type === 'quanto') return undefined;
  if (type === 'linear') return mark && ownersWorth(rates, settle, scaleBy(amount, mark));
  if (contractSize === undefined) return undefined;
  const quoted = scaleBy(contracts, contractSize);
  return ownersWorth(rates, quote, quoted) ?? (mark && ownersWorth(rates, base, divideBy(quoted, mark)));
}

/**
 * By how many percent of the mark price it has to move for the venue to close the position, cut to hundredths; `0` where it is
 * there already, and `undefined` where the venue tells no price at which it would.
 */
export function distanceToLiquidation(
  { liquidationPrice, side }: Position,
  mark: Price | undefined,
): string | undefined {
  if (liquidationPrice === undefined || mark === undefined || !isPositive(liquidationPrice)) return undefined;
  const room = side === 'long' ? subtract(mark, liquidationPrice) : subtract(liquidationPrice, mark);
  if (compare(room, zeroAmount) <= 0) return '0';
  return roundToStep(divideBy(scaleBy(room, '100'), mark), distanceStep, 'down');
}
