/**
 * TradingView alerts. The body is whatever the alert's author typed, so this maps keys named after TradingView's own
 * placeholders onto the native signal; the message that goes with it is in docs/api.md.
 *
 * Source: TradingView help, "How to use a variable value in alert" (placeholders) and "Webhook alerts" (delivery).
 */
import { RequestError } from '../errors.ts';
import type { RawObject, RawValue } from './body.ts';

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

/** An alert in native words, with what only its identity needs. */
export interface TranslatedAlert {
  body: RawObject;
  /** `strategy.order.id`: equal for every signal of one kind, so it only helps together with a time. */
  orderId?: string;
  /** Time of the bar: tells signals apart, says nothing about delay. */
  barTime?: string;
  /** The alert's own keys, by the native field that each stands for: what a refusal has to name. */
  fieldNames: ReadonlyMap<string, string>;
  /** How the chart wrote the market: a suffix `.P` is a perpetual, none is spot. */
  kind: 'spot' | 'perpetual';
}

/** TradingView's format is told by its key `ticker`, which the native format does not have. */
export const isTradingView = (body: RawObject): boolean => 'ticker' in body;

/** @throws RequestError `invalid_signal` when keys of both formats stand for the same field. */
export function translateTradingView(alert: RawObject): TranslatedAlert {
  const body: RawObject = Object.create(null);
  const fieldNames = new Map<string, string>();
  for (const [key, value] of Object.entries(alert)) {
    if (key === 'contracts') continue;
    const native = Object.hasOwn(nativeKeys, key) ? nativeKeys[key] : key;
    if (native === undefined) continue;
    if (Object.hasOwn(body, native)) throw twice(key, native);
    if (native !== key) fieldNames.set(native, key);
    body[native] = key === 'exchange' && typeof value === 'string' ? value.toLowerCase() : value;
  }
  if (alert.contracts !== undefined) {
    if (body.size !== undefined) throw twice('contracts', 'size');
    body.size = { base: alert.contracts };
    fieldNames.set('size.base', 'contracts');
  }
  const { symbol, kind } = splitTicker(alert.ticker ?? '');
  const orderId = textOf(alert.orderId);
  const barTime = textOf(alert.time);
  return { body: { ...body, symbol }, fieldNames, kind, ...(orderId && { orderId }), ...(barTime && { barTime }) };
}

function splitTicker(ticker: RawValue): { symbol: RawValue; kind: 'spot' | 'perpetual' } {
  if (typeof ticker !== 'string') return { symbol: ticker, kind: 'spot' };
  // `{{ticker}}` is bare; alerts written by hand often carry the exchange too: `BINANCE:BTCUSDT.P`.
  const name = ticker.slice(ticker.indexOf(':') + 1);
  return name.endsWith('.P') ? { symbol: name.slice(0, -2), kind: 'perpetual' } : { symbol: name, kind: 'spot' };
}

const textOf = (value: RawValue | undefined): string | undefined => (typeof value === 'string' ? value : undefined);

function twice(key: string, native: string): RequestError {
  const message = `"${key}" and another key both give ${native}; keep one`;
  return new RequestError('invalid_signal', message, [{ path: key, message }]);
}
