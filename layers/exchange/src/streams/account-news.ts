/** Turns what a venue's account streams tell into news in neutral words, and tells each piece once. */
import type {
  AccountStreamKind,
  AccountStreamListener,
  LiveBalance,
  LivePosition,
  Market,
  StreamIncident,
} from '@nightdesk/core';
import { amount } from '@nightdesk/core';
import { Fields, present, UnparsableAnswerError } from '../fields.ts';
import { OrderJoiner } from './account-order-joiner.ts';
import { type AccountReading, isRaw, type Raw, rawsOf } from './account-reading.ts';

/** Assets, or sides of markets, of which the last word is remembered so that it is not repeated. */
const rememberedMax = 5_000;

export interface AccountNewsOptions {
  listener: AccountStreamListener;
  isCostExact(market: Market): boolean;
  /** @throws UnparsableAnswerError for a market that is not known */
  marketOf(symbol: string): Market;
  /** By the local clock. */
  nowMs(): number;
}

/** ccxt's list of what it has been told, which counts what is new in it. */
interface CountingList extends ReadonlyArray<unknown> {
  getLimit(symbol?: string, limit?: number): number;
  /** What is new was asked for already. */
  clearAllUpdates: boolean;
}

const isCounting = (list: readonly unknown[]): list is CountingList => 'getLimit' in list;

/** The entries of a list of ccxt's that nobody has taken yet; all of one that does not count them. */
export function newIn(result: unknown): readonly unknown[] {
  if (!Array.isArray(result)) return [];
  if (!isCounting(result)) return result;
  if (result.clearAllUpdates) return [];
  const count = Math.min(result.getLimit(), result.length);
  // Not by `slice`, which would make another such list.
  return Array.from({ length: count }, (_, index) => result[result.length - count + index] as unknown);
}

export class AccountNews {
  readonly #options: AccountNewsOptions;
  readonly #joiner: OrderJoiner;
  readonly #told = new Map<string, string>();

  constructor(options: AccountNewsOptions) {
    this.#options = options;
    this.#joiner = new OrderJoiner(options.isCostExact);
  }

  /** What one message held. Nothing of it is told before `flush`, but for balances. */
  take({ orders = [], trades = [], balances }: AccountReading, receivedMs: number): void {
    for (const order of orders) {
      this.#reading('orders', () => this.#joiner.takeOrder(order, this.#marketOf('order', order)));
    }
    for (const trade of trades) {
      this.#reading('fills', () => this.#joiner.takeTrade(trade, this.#marketOf('trade', trade)));
    }
    if (balances !== undefined) this.takeBalances(balances, receivedMs);
  }

  /** Tells of every order of which something new has come since. */
  flush(receivedMs: number): void {
    for (const news of this.#joiner.take(receivedMs)) this.#options.listener.order(news);
  }

  /** @param result ccxt's balances: an object by asset, with others beside them */
  takeBalances(result: unknown, receivedMs: number): void {
    if (!isRaw(result)) return;
    for (const [asset, value] of Object.entries(result)) {
      if (!isRaw(value) || notAssets.has(asset)) continue;
      this.#reading('balances', () => {
        const balance = balanceOf(asset, value);
        if (this.#isNew(`balance ${asset}`, balance)) this.#options.listener.balance({ ...balance, receivedMs });
      });
    }
  }

  takePositions(result: unknown, receivedMs: number): void {
    for (const value of rawsOf(result)) {
      this.#reading('positions', () => {
        const position = positionOf(value);
        if (this.#isNew(`position ${position.symbol}`, position))
          this.#options.listener.position({ ...position, receivedMs });
      });
    }
  }

  #marketOf(what: string, value: unknown): Market {
    return this.#options.marketOf(new Fields(what, value).text('symbol'));
  }

  /** The rest of a message is read, whatever is wrong with one entry. */
  #reading(kind: AccountStreamKind, read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof UnparsableAnswerError)) throw error;
      const incident: StreamIncident = {
        ...{ incident: 'unreadable', kind, atMs: this.#options.nowMs(), reason: error.message },
      };
      this.#options.listener.incident(incident);
    }
  }

  #isNew(key: string, value: object): boolean {
    const text = JSON.stringify(value);
    if (this.#told.get(key) === text) return false;
    this.#told.delete(key);
    this.#told.set(key, text);
    const [oldest] = this.#told.keys();
    if (this.#told.size > rememberedMax && oldest !== undefined) this.#told.delete(oldest);
    return true;
  }
}

/** What ccxt puts beside the assets. */
const notAssets: ReadonlySet<string> = new Set(['info', 'free', 'used', 'total', 'debt']);

function balanceOf(asset: string, value: Raw): Omit<LiveBalance, 'receivedMs'> {
  const fields = new Fields('balance', value);
  const read = (name: string) => {
    const text = fields.optionalDecimal(name);
    return text === undefined ? undefined : amount(text);
  };
  return { asset, ...present({ total: read('total'), free: read('free') }) };
}

/** A venue shows what was closed as a position of nothing, often with a side that is none. */
function positionOf(value: Raw): Omit<LivePosition, 'receivedMs'> {
  const fields = new Fields('position', value);
  const { side } = value;
  const contracts = fields.optionalQuantity('contracts');
  return {
    symbol: fields.text('symbol'),
    ...(side === 'long' || side === 'short' ? { side } : {}),
    ...present({
      contracts: contracts === undefined ? undefined : amount(contracts),
      entryPrice: fields.optionalPrice('entryPrice'),
    }),
  };
}
