/** Which market a signal means. A name that fits several is refused, never guessed. */
import { RequestError } from '../errors.ts';
import type { Market, MarketKind } from '../ports/market-data.ts';

/** True for a unified symbol, which names one market by itself: `BTC/USDT`, `BTC/USDT:USDT`. */
export const isUnifiedSymbol = (symbol: string): boolean => symbol.includes('/');

/**
 * How a chart would write a market: `BTC/USDT` and `btc-usdt` are both `BTCUSDT`. Only separators are left out: coins are
 * listed under Chinese names too, and without those all of them would be `USDT`.
 */
export const marketName = (text: string): string => text.toUpperCase().replace(/[^A-Z0-9\P{ASCII}]/gu, '');

/**
 * @param candidates markets of that symbol or name; inactive ones count, so that the answer can say so
 * @param kind what the sender's format or the exchange's configuration says; `undefined` leaves it open
 * @throws RequestError `invalid_signal` or `unsupported` on `symbol`
 */
export function chooseMarket(symbol: string, candidates: readonly Market[], kind: MarketKind | undefined): Market {
  const fitting = isUnifiedSymbol(symbol) ? candidates : candidates.filter((market) => !kind || market.kind === kind);
  const active = fitting.filter((market) => market.active);
  const [market, ...others] = active;
  if (market === undefined) {
    const state = fitting.length > 0 ? 'is not trading at the moment' : 'is not a market of this venue';
    throw refuse('invalid_signal', `"${symbol}" ${state}`);
  }
  if (others.length > 0) {
    const choices = active.map((candidate) => `"${candidate.symbol}" (${candidate.kind})`).join(' or ');
    throw refuse('invalid_signal', `"${symbol}" is several markets: write ${choices}`);
  }
  if (market.kind === 'option')
    throw refuse('unsupported', `"${market.symbol}" is an option, which cannot be traded here`);
  return market;
}

function refuse(code: 'invalid_signal' | 'unsupported', message: string): RequestError {
  return new RequestError(code, message, [{ path: 'symbol', message }]);
}
