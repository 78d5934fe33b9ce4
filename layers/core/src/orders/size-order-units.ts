/**
 * What each unit of size comes to in a market's own unit of amounts, before any rounding to its step. Divisions are cut, so
 * nothing is ever more than what was asked for.
 */
import {
  type Amount,
  amountFor,
  compare,
  divideBy,
  isPositive,
  type Notional,
  type Price,
  roundToStep,
  scaleBy,
  subtract,
} from '../money.ts';
import { amountUnitOf, type Market } from '../ports/market-data.ts';
import type { SignalSize } from '../signals/signal.ts';

/** What a size may be measured by. What is not known is absent. */
export interface SizeFigures {
  /** Where the order is to fill. */
  price?: Price;
  /** In the currency of `equityCurrencyOf`. */
  equity?: Notional;
  /** How large the position is now, whichever its side. */
  position?: Amount;
  /** Where the stop-loss ends the position. */
  stopPrice?: Price;
}

export type SizeFigure = keyof SizeFigures;

export type MeasuredSize =
  | { kind: 'measured'; amount: Amount }
  | { kind: 'missing'; figure: SizeFigure }
  /** The unit has no meaning in this market; the message completes a sentence that starts with the field. */
  | { kind: 'unsupported'; message: string };

/** The signal's field that a size came in. */
export const fieldOf = (size: SignalSize): string => `size.${Object.keys(size)[0]}`;

const hundredth = '0.01';
/** Shares of the equity are cut to this before they are measured, which bounds the digits of what follows. */
const equityStep = '0.000000000001';

const measured = (amount: Amount): MeasuredSize => ({ kind: 'measured', amount });
const missing = (figure: SizeFigure): MeasuredSize => ({ kind: 'missing', figure });
const unsupported = (message: string): MeasuredSize => ({ kind: 'unsupported', message });

export function measureSize(size: SignalSize, figures: SizeFigures, market: Market): MeasuredSize {
  if ('percentPosition' in size) {
    const { position } = figures;
    if (position === undefined) return missing('position');
    return measured(scaleBy(scaleBy(position, size.percentPosition), hundredth));
  }
  if ('contracts' in size) return ofContracts(size.contracts, market);
  if (market.contractType === 'quanto') {
    return unsupported(`cannot be measured on ${market.symbol}, a quanto contract; use size.contracts`);
  }
  if ('base' in size) return ofBase(size.base, figures, market);
  if ('quote' in size) return ofQuote(size.quote, figures, market);
  if (figures.equity === undefined) return missing('equity');
  if ('riskPercent' in size) return ofRisk(shareOf(figures.equity, size.riskPercent), figures, market);
  const share = shareOf(figures.equity, size.percentEquity);
  if (market.contractType !== 'inverse') return ofQuote(share, figures, market);
  if (figures.price === undefined) return missing('price');
  // The equity of an inverse contract is in its base asset.
  return ofQuote(scaleBy(share, figures.price), figures, market);
}

const shareOf = (equity: Notional, percent: string): Notional =>
  roundToStep(scaleBy(scaleBy(equity, percent), hundredth), equityStep, 'down');

function ofContracts(contracts: Amount, market: Market): MeasuredSize {
  if (market.kind === 'spot') return unsupported(`has no meaning on ${market.symbol}, which is spot; use size.base`);
  if (amountUnitOf(market) === 'contracts') return measured(contracts);
  if (market.contractSize === undefined) return unknownContract(market);
  return measured(scaleBy(contracts, market.contractSize));
}

const unknownContract = (market: Market): MeasuredSize =>
  unsupported(`cannot be measured: what a contract of ${market.symbol} stands for is not known`);

function ofBase(base: Amount, { price }: SizeFigures, market: Market): MeasuredSize {
  if (amountUnitOf(market) === 'base') return measured(base);
  if (price === undefined) return missing('price');
  if (market.contractSize === undefined) return unknownContract(market);
  return measured(divideBy(scaleBy(base, price), market.contractSize));
}

function ofQuote(quote: Notional, { price }: SizeFigures, market: Market): MeasuredSize {
  if (amountUnitOf(market) === 'base') {
    return price === undefined ? missing('price') : measured(amountFor(quote, price));
  }
  if (market.contractSize === undefined) return unknownContract(market);
  return measured(divideBy(quote as string as Amount, market.contractSize));
}

/**
 * The amount that loses `risked` between `price` and `stopPrice`: a linear position loses the distance per unit of base; an
 * inverse contract loses its size × (1/entry − 1/stop) of the base asset, which `risked` is in there.
 */
function ofRisk(risked: Notional, { price, stopPrice }: SizeFigures, market: Market): MeasuredSize {
  if (price === undefined) return missing('price');
  if (stopPrice === undefined) return missing('stopPrice');
  const distance = compare(price, stopPrice) > 0 ? subtract(price, stopPrice) : subtract(stopPrice, price);
  if (!isPositive(distance)) return unsupported('cannot be measured: the stop-loss is at the price of the entry');
  const amount = risked as string as Amount;
  if (amountUnitOf(market) === 'base') return measured(divideBy(amount, distance));
  if (market.contractSize === undefined) return unknownContract(market);
  return measured(divideBy(scaleBy(scaleBy(amount, price), stopPrice), scaleBy(distance, market.contractSize)));
}
