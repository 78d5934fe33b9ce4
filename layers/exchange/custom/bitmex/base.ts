/** How BitMEX is spoken to, whatever is asked: signing, limits, errors, and the shapes of its answers. */
import type { Dict, Market, MarketInterface, NullableDict, Order, Position, Str, Ticker, Trade } from 'ccxt';
import { Exchange, InvalidOrder, OrderImmediatelyFillable, OrderNotFound, RateLimitExceeded } from 'ccxt';
import { description, signatureLifeSeconds } from './description.ts';
import { statusErrors } from './errors.ts';
import { orderFields, tradeFields } from './parse-orders.ts';
import { positionFields, tickerFields } from './parse-values.ts';
import { authenticationHeaders } from './sign-request.ts';
import { settlementScales } from './units.ts';

/** Without a key BitMEX lets 30 requests a minute through instead of 120. */
const costWithoutKey = 4;

/** One entry of a list, or the answer itself, that says why the order it describes did not come about. */
interface RefusedOrder {
  error?: unknown;
  ordStatus?: unknown;
  ordRejReason?: unknown;
  text?: unknown;
}

export class BitmexBase extends Exchange {
  override describe(): Dict {
    const options = { signatureLifeSeconds, scales: { ...settlementScales } };
    return this.deepExtend(super.describe(), description, { options });
  }

  get #isAuthenticated(): boolean {
    return Boolean(this.apiKey && this.secret);
  }

  /** Public questions are signed too where there is a key, for its larger limit. */
  override calculateRateLimiterCost(): number {
    return this.#isAuthenticated ? 1 : costWithoutKey;
  }

  override sign(
    path: string,
    api = 'public',
    method = 'GET',
    params: Dict = {},
    headers?: NullableDict,
    body?: Str,
  ): Dict {
    const query = method === 'GET' && Object.keys(params).length > 0 ? `?${this.urlencode(params)}` : '';
    const target = `${path === '' ? '' : `/${path}`}${query}`;
    const text = body ?? (method === 'GET' ? '' : JSON.stringify(params));
    if (api === 'private') this.checkRequiredCredentials();
    return {
      url: this.urls.api[api] + target,
      method,
      headers: { ...headers, ...bodyHeaders(text), ...this.#authentication(method, target, text) },
      body: text === '' ? undefined : text,
    };
  }

  #authentication(verb: string, target: string, body: string): Record<string, string> {
    if (!this.#isAuthenticated) return {};
    const expiresAtSeconds = Math.floor(this.milliseconds() / 1_000) + this.options.signatureLifeSeconds;
    const path = `/api/${this.version}${target}`;
    return authenticationHeaders({ verb, path, expiresAtSeconds, body }, { apiKey: this.apiKey, secret: this.secret });
  }

  override handleErrors(
    statusCode: number,
    _statusText: string,
    _url: string,
    method: string,
    responseHeaders: Dict,
    responseBody: string,
    response: unknown,
  ): undefined {
    const feedback = `${this.id} ${responseBody}`;
    if (statusCode < 400) {
      if (method !== 'GET') this.#checkOrder(Array.isArray(response) && response.length === 1 ? response[0] : response);
      return undefined;
    }
    if (statusCode === 429) {
      const retryAfter = this.safeString2(responseHeaders, 'retry-after', 'Retry-After');
      throw new RateLimitExceeded(`${feedback}${retryAfter === undefined ? '' : ` retry after ${retryAfter} s`}`);
    }
    const message = this.safeString(this.safeDict(response, 'error'), 'message');
    if (message !== undefined) {
      this.throwExactlyMatchedException(this.exceptions.exact, message, feedback);
      this.throwBroadlyMatchedException(this.exceptions.broad, message, feedback);
    }
    const ErrorClass = statusErrors[statusCode];
    if (ErrorClass !== undefined) throw new ErrorClass(feedback);
    return undefined;
  }

  /** An order can be refused inside an answer of status 200. */
  #checkOrder(answer: unknown): void {
    if (typeof answer !== 'object' || answer === null) return;
    const { error, ordStatus, ordRejReason, text } = answer as RefusedOrder;
    const feedback = `${this.id} ${String(error ?? (ordRejReason || text))}`;
    if (error !== undefined) throw new OrderNotFound(feedback);
    if (ordStatus === 'Rejected') {
      this.throwExactlyMatchedException(this.exceptions.exact, ordRejReason, feedback);
      throw new InvalidOrder(feedback);
    }
    const wouldFill =
      ordStatus === 'Canceled' && String(text).startsWith('Canceled: Order had execInst of Participate');
    if (wouldFill) throw new OrderImmediatelyFillable(feedback);
  }

  override parseTicker(ticker: Dict, market?: Market): Ticker {
    const known = this.#marketOf(ticker, market);
    return this.safeTicker(tickerFields(this, ticker, known), known);
  }

  override parseTrade(trade: Dict, market?: Market): Trade {
    const known = this.#marketOf(trade, market);
    return this.safeTrade(tradeFields(this, trade, known), known);
  }

  override parseOrder(order: Dict, market?: Market): Order {
    const known = this.#marketOf(order, market);
    return this.safeOrder(orderFields(this, order, known), known);
  }

  override parsePosition(position: Dict, market?: Market): Position {
    return this.safePosition(positionFields(this, position, this.#marketOf(position, market)));
  }

  /** The market that an answer is about, which `market` decides where the answer's own word does not. */
  #marketOf(answer: Dict, market: Market): MarketInterface {
    return this.safeMarket(this.safeString(answer, 'symbol'), market);
  }
}

/** Node frames the body of a DELETE only where its length is told. */
const bodyHeaders = (body: string): Record<string, string> =>
  body === '' ? {} : { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) };
