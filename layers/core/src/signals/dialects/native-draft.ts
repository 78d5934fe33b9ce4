/** A native signal in the making, together with what its sender calls each of its fields. */
import { amount, isQuantity, notionalOf, price } from '../../money.ts';
import type { MarketKind } from '../../ports/market-data.ts';
import type { RawObject, RawValue } from '../body.ts';
import type { sizeUnits } from '../native.ts';
import { lookUp, type Translation } from './dialect.ts';
import { type FieldReader, invalid, unsupported } from './field-reader.ts';
import { type NamedMarket, readMarket, venueOf } from './market-names.ts';

export type SizeUnit = (typeof sizeUnits)[number];

const orderTypeWords: Readonly<Record<string, string>> = {
  stoplimit: 'stop_limit',
  stopmarket: 'stop',
  stop_market: 'stop',
  stop_loss: 'stop',
  trailingstop: 'trailing_stop',
  takeprofit: 'take_profit',
};

const timesInForceWords: Readonly<Record<string, string>> = { POST_ONLY: 'PO', POSTONLY: 'PO', GTX: 'PO', POC: 'PO' };
/** What a market order does anyway, so that it may be written beside one. */
const meaninglessAtMarket: ReadonlySet<string> = new Set(['GTC', 'IOC', 'DAY']);

export class NativeDraft {
  readonly #body: RawObject = Object.create(null);
  readonly #names = new Map<string, string>();
  #kind: MarketKind | undefined;

  /** Says what the sender calls native fields that it may have left out. */
  name(names: Readonly<Record<string, string>>): void {
    for (const [native, from] of Object.entries(names)) this.#names.set(native, from);
  }

  /** `native` may name a member: `stopLoss.percent`. Nothing is set where there is no value. */
  set(native: string, value: RawValue | undefined, from: string): void {
    if (value === undefined) return;
    this.#names.set(native, from);
    const [head = native, tail] = native.split('.');
    if (tail === undefined) {
      this.#body[head] = value;
      return;
    }
    if (!this.#names.has(head)) this.#names.set(head, from);
    const group = this.#body[head];
    const members = group !== null && typeof group === 'object' && !Array.isArray(group) ? group : Object.create(null);
    members[tail] = value;
    this.#body[head] = members;
  }

  action(action: 'buy' | 'sell' | 'close' | 'cancel', from: string): void {
    this.set('action', action, from);
    this.#names.set('target', from);
  }

  target(target: 'long' | 'short' | 'flat', from: string): void {
    this.set('target', target, from);
    this.#names.set('action', from);
  }

  size(unit: SizeUnit, value: string | undefined, from: string): void {
    this.#names.set('size', from);
    this.set(`size.${unit}`, value, from);
  }

  /** One take-profit more, behind those before it. */
  takeProfit(level: { percent: string } | { price: string }, from: string, portion?: string): void {
    const targets = Array.isArray(this.#body.takeProfit) ? this.#body.takeProfit : [];
    const path = `takeProfit.${targets.length}`;
    this.#names.set(path, from);
    if (targets.length === 0) this.#names.set('takeProfit', from);
    targets.push({ ...level, ...(portion !== undefined && { portion }) });
    this.#body.takeProfit = targets;
  }

  /** Symbol, kind and, where the name carries one, venue. */
  market(text: string | undefined, from: string, kind?: MarketKind): NamedMarket | undefined {
    this.#names.set('symbol', from);
    if (text === undefined) return undefined;
    const market = readMarket(text, kind);
    this.set('symbol', market.symbol, from);
    if (market.venue !== undefined) this.set('venue', venueOf(market.venue), from);
    this.#kind = market.kind;
    return market;
  }

  venue(exchange: string | undefined, from: string): void {
    if (exchange !== undefined) this.set('venue', venueOf(exchange), from);
  }

  orderType(word: string | undefined, from: string): void {
    if (word !== undefined) this.set('type', lookUp(orderTypeWords, word) ?? word, from);
  }

  /** To be called after the price is set: without one, what a market order does anyway is left out. */
  timeInForce(word: string | undefined, from: string): void {
    const upper = word?.toUpperCase();
    if (upper === undefined) return;
    if (this.#body.price === undefined && meaninglessAtMarket.has(upper)) return;
    this.set('timeInForce', lookUp(timesInForceWords, upper) ?? upper, from);
  }

  /** `unknownKeys` of the reader; a `confidence` beside the dialect's own keys is understood in all of them. */
  finish(reader: FieldReader, rest: Pick<Translation, 'orderId'> = {}): Translation {
    this.set('confidence', reader.text('confidence'), reader.pathOf('confidence'));
    return this.finishWith(reader.unknownKeys(), rest);
  }

  /** @throws RequestError when a position is wanted and its size was left to settings that are not known here */
  finishWith(unknownKeys: readonly string[], rest: Pick<Translation, 'orderId'> = {}): Translation {
    const { target, size } = this.#body;
    if ((target === 'long' || target === 'short') && size === undefined) {
      throw invalid(
        this.#names.get('size') ?? 'size',
        'is missing; a size in the settings of another service is not known here',
      );
    }
    return {
      body: this.#body,
      fieldNames: this.#names,
      unknownKeys,
      ...(this.#kind && { kind: this.#kind }),
      ...(rest.orderId !== undefined && { orderId: rest.orderId }),
    };
  }
}

/** A share (0.02) as per cent (2). @throws RequestError when it is no number */
export function percentOfShare(share: string, path: string): string {
  return multiplied(share, '100', path);
}

/** The exact product of what a sender wrote with a factor. @throws RequestError when it is no number */
export function multiplied(value: string, factor: string, path: string): string {
  if (!isQuantity(value) || !isQuantity(factor)) throw invalid(path, 'must be a decimal number');
  return notionalOf(amount(value), price(factor));
}

const dollarQuotes = /(?:USD|USDT|USDC|FDUSD)$/;

/**
 * Refuses an amount of dollars in a market that is not quoted in them.
 *
 * @param symbol as the sender's market reads without its suffix
 */
export function requireDollars(symbol: string | undefined, path: string): void {
  const quote = symbol?.split(':')[0] ?? '';
  if (!dollarQuotes.test(quote.toUpperCase())) {
    throw unsupported(path, 'is in dollars, and the market is not quoted in them');
  }
}
