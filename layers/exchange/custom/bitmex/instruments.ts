/** From `GET /instrument` to ccxt's markets. https://support.bitmex.com/hc/en-gb/articles/6206354894365 names the fields. */
import type { Dict, Exchange } from 'ccxt';
import { Precise } from 'ccxt';
import { contractSizeOf } from './units.ts';

type Kind = 'spot' | 'swap' | 'future';

/** By `typ`, a code of the ISO 10962 family. Indices, options, spreads and prediction markets are not offered here. */
const kinds: Readonly<Record<string, Kind>> = {
  IFXXXP: 'spot',
  FFWCSX: 'swap',
  // Perpetuals of currency pairs and of shares.
  FFWCSF: 'swap',
  FFSCSX: 'swap',
  FFCCSX: 'future',
};

/** @returns `undefined` for what is no market, or lacks a number that orders need. */
export function parseInstrument(exchange: Exchange, instrument: Dict): Dict | undefined {
  const text = (name: string): string | undefined => exchange.safeString(instrument, name);
  const expiryMs = exchange.parse8601(text('expiry'));
  const kind = kinds[text('typ') ?? ''];
  const [id, baseId, quoteId] = [text('symbol'), text('underlying'), text('quoteCurrency')];
  const settleId = kind === 'spot' ? undefined : text('settlCurrency');
  if (kind === undefined || id === undefined || baseId === undefined || quoteId === undefined) return undefined;
  const numbers = kind === 'spot' ? spotNumbers(text) : contractNumbers(text, instrument);
  if (numbers === undefined || (kind !== 'spot' && settleId === undefined)) return undefined;
  if (kind === 'future' && expiryMs === undefined) return undefined;
  const [base, quote] = [exchange.safeCurrencyCode(baseId), exchange.safeCurrencyCode(quoteId)];
  const settle = settleId === undefined ? undefined : exchange.safeCurrencyCode(settleId);
  const [inverse, quanto] = [instrument.isInverse === true, instrument.isQuanto === true];
  const suffix = kind === 'future' ? `-${exchange.yymmdd(expiryMs)}` : '';
  return {
    id,
    symbol: `${base}/${quote}${settle === undefined ? '' : `:${settle}${suffix}`}`,
    base,
    quote,
    settle,
    baseId,
    quoteId,
    settleId,
    type: kind,
    spot: kind === 'spot',
    margin: false,
    swap: kind === 'swap',
    future: kind === 'future',
    option: false,
    active: text('state') === 'Open',
    contract: kind !== 'spot',
    linear: kind === 'spot' ? undefined : !inverse && !quanto,
    inverse: kind === 'spot' ? undefined : inverse,
    quanto: kind === 'spot' ? undefined : quanto,
    taker: exchange.safeNumber(instrument, 'takerFee'),
    maker: exchange.safeNumber(instrument, 'makerFee'),
    contractSize: exchange.parseNumber(numbers.contractSize),
    expiry: expiryMs,
    expiryDatetime: exchange.iso8601(expiryMs),
    precision: { amount: exchange.parseNumber(numbers.step), price: exchange.safeNumber(instrument, 'tickSize') },
    limits: limitsOf(exchange, instrument, numbers),
    created: exchange.parse8601(text('listing')),
    info: instrument,
  };
}

interface Numbers {
  /** Absent on spot. */
  contractSize?: string;
  /** Smallest amount, of which all others are multiples. */
  step: string;
  max?: string;
}

function contractNumbers(text: (name: string) => string | undefined, instrument: Dict): Numbers | undefined {
  const contractSize = contractSizeOf({
    multiplier: text('multiplier'),
    underlyingToPositionMultiplier: text('underlyingToPositionMultiplier'),
    underlyingToSettleMultiplier: text('underlyingToSettleMultiplier'),
    quoteToSettleMultiplier: text('quoteToSettleMultiplier'),
    isInverse: instrument.isInverse === true,
    isQuanto: instrument.isQuanto === true,
    settlCurrency: text('settlCurrency'),
  });
  const [step, max] = [text('lotSize'), text('maxOrderQty')];
  if (contractSize === undefined || step === undefined) return undefined;
  return { contractSize, step, ...(max !== undefined && { max }) };
}

function spotNumbers(text: (name: string) => string | undefined): Numbers | undefined {
  const [units, lot, max] = [text('underlyingToPositionMultiplier'), text('lotSize'), text('maxOrderQty')];
  if (units === undefined || lot === undefined || !Precise.stringGt(units, '0')) return undefined;
  const inBase = (quantity: string): string => Precise.stringDiv(quantity, units) ?? '0';
  return { step: inBase(lot), ...(max !== undefined && { max: inBase(max) }) };
}

function limitsOf(exchange: Exchange, instrument: Dict, { contractSize, step, max }: Numbers): Dict {
  const initialMargin = exchange.safeString(instrument, 'initMargin');
  const leverageMax =
    contractSize !== undefined && initialMargin !== undefined && Precise.stringGt(initialMargin, '0')
      ? Precise.stringDiv('1', initialMargin)
      : undefined;
  return {
    leverage: { min: undefined, max: exchange.parseNumber(leverageMax) },
    amount: { min: exchange.parseNumber(step), max: exchange.parseNumber(max) },
    price: { min: exchange.safeNumber(instrument, 'tickSize'), max: exchange.safeNumber(instrument, 'maxPrice') },
    cost: { min: undefined, max: undefined },
  };
}
