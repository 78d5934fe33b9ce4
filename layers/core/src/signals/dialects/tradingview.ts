/**
 * TradingView alerts. The body is whatever the alert's author typed, so this maps keys named after TradingView's own
 * placeholders onto the native signal; the message that goes with it is in docs/signals.md.
 *
 * Source: TradingView help, "How to use a variable value in alert" (placeholders) and "Webhook alerts" (delivery).
 */
import { RequestError } from '../../errors.ts';
import type { RawObject, RawValue } from '../body.ts';
import { type FieldDialect, hasAny, type Translation } from './dialect.ts';
import { venueOf } from './market-names.ts';
import { tradersPostKeys } from './traderspost.ts';

/** The addresses TradingView sends from. Source: TradingView help, "About webhooks". */
export const tradingViewIps: ReadonlySet<string> = new Set([
  '52.89.214.238',
  '34.212.75.30',
  '54.218.53.128',
  '52.32.178.7',
]);

/** Keys of an alert, by the native key they stand for; `undefined` is known and carries nothing to act on. */
const nativeKeys: Readonly<Record<string, string | undefined>> = {
  ticker: 'symbol',
  exchange: 'venue',
  timenow: 'sentAt',
  orderId: undefined,
  time: undefined,
  close: undefined,
  interval: undefined,
  marketPosition: undefined,
  prevMarketPosition: undefined,
};

/** Told by its key `ticker`, which the native format does not have, where nothing in it is TradersPost's. */
export const tradingview: FieldDialect = {
  name: 'tradingview',
  reads: 'fields',
  claims: (fields) =>
    Object.hasOwn(fields, 'ticker') && (Object.hasOwn(fields, 'contracts') || !hasAny(fields, tradersPostKeys)),
  translate,
};

/** @throws RequestError `invalid_signal` when keys of both formats stand for the same field. */
function translate(alert: RawObject): Translation {
  const body: RawObject = Object.create(null);
  const fieldNames = new Map<string, string>([['symbol', 'ticker']]);
  for (const [key, value] of Object.entries(alert)) {
    if (key === 'contracts') continue;
    const native = Object.hasOwn(nativeKeys, key) ? nativeKeys[key] : key;
    if (native === undefined) continue;
    if (Object.hasOwn(body, native)) throw twice(key, native);
    if (native !== key) fieldNames.set(native, key);
    body[native] = key === 'exchange' && typeof value === 'string' ? venueOf(value) : value;
  }
  if (alert.contracts !== undefined) {
    if (body.size !== undefined) throw twice('contracts', 'size');
    body.size = { base: alert.contracts };
    fieldNames.set('size.base', 'contracts');
  }
  const { symbol, kind } = splitTicker(alert.ticker ?? '');
  const orderId = textOf(alert.orderId);
  const barTime = textOf(alert.time);
  return {
    body: { ...body, symbol },
    fieldNames,
    kind,
    unknownKeys: [],
    ...(orderId && { orderId }),
    ...(barTime && { barTime }),
  };
}

/** How the chart wrote the market: a suffix `.P` is a perpetual, none is spot. */
function splitTicker(ticker: RawValue): { symbol: RawValue; kind: 'spot' | 'perpetual' } {
  if (typeof ticker !== 'string') return { symbol: ticker, kind: 'spot' };
  // `{{ticker}}` is bare; alerts written by hand often carry the exchange too: `BINANCE:BTCUSDT.P`.
  const name = ticker.includes('/') ? ticker : ticker.slice(ticker.indexOf(':') + 1);
  return name.endsWith('.P') ? { symbol: name.slice(0, -2), kind: 'perpetual' } : { symbol: name, kind: 'spot' };
}

const textOf = (value: RawValue | undefined): string | undefined => (typeof value === 'string' ? value : undefined);

function twice(key: string, native: string): RequestError {
  const message = `"${key}" and another key both give ${native}; keep one`;
  return new RequestError('invalid_signal', message, [{ path: key, message }]);
}
