/**
 * Of a venue whose streams nobody has compared with its answers, what they tell of an order leads to asking for it: then ids, amounts
 * and costs are those that polling brings, whatever the stream's own are.
 */
import type { LiveOrder, Market, VenueOrderId } from '@nightdesk/core';
import { zeroAmount } from '@nightdesk/core';
import { Fields } from '../fields.ts';
import { OrderSearch } from '../find-order.ts';
import type { VenueTraits } from '../traits/index.ts';
import type { VenueSession } from '../venue-session.ts';

/** Orders that wait to be asked for. What does not fit is left to polling. */
const waitingMax = 200;
/** How far back its list of trades is read. */
const lookBackMs = 24 * 60 * 60_000;

export interface LookUpsOptions {
  traits: VenueTraits;
  marketOf(symbol: string): Market;
  nowMs(): number;
  tell(news: LiveOrder): void;
  /** Something in the desk's own code broke, which no answer of a venue does. */
  broke(error: unknown): void;
}

interface Wanted {
  orderId: string;
  market: Market;
  side: 'buy' | 'sell';
}

export class LookUps {
  readonly #options: LookUpsOptions;
  readonly #waiting = new Map<string, Wanted>();
  #isAsking = false;

  constructor(options: LookUpsOptions) {
    this.#options = options;
  }

  /** @param value ccxt's order or trade; @param idField where it has the order's id. @throws UnparsableAnswerError */
  want(value: unknown, idField: 'id' | 'order', session: VenueSession): void {
    const fields = new Fields('order', value);
    const orderId = fields.optionalText(idField);
    if (orderId === undefined) return;
    const market = this.#options.marketOf(fields.text('symbol'));
    if (this.#waiting.size >= waitingMax) return;
    const side = fields.optionalText('side') === 'sell' ? 'sell' : 'buy';
    this.#waiting.set(`${market.symbol} ${orderId}`, { orderId, market, side });
    void this.#askAll(session);
  }

  /** One after the other: the account's other requests want their turn as well. */
  async #askAll(session: VenueSession): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      for (const [key, wanted] of this.#waiting) {
        this.#waiting.delete(key);
        await this.#ask(session, wanted);
      }
    } catch (error) {
      this.#options.broke(error);
    } finally {
      this.#isAsking = false;
    }
  }

  async #ask(session: VenueSession, { orderId, market, side }: Wanted): Promise<void> {
    const { traits, nowMs, tell } = this.#options;
    const reference = {
      ...{ clientOrderId: '', symbol: market.symbol, side, amount: zeroAmount },
      ...{ venueOrderId: orderId as VenueOrderId, sinceMs: nowMs() - lookBackMs },
    };
    const outcome = await new OrderSearch({ session, traits, reference, market }).run();
    if (outcome.kind !== 'found') return;
    tell({ symbol: market.symbol, kind: market.kind, order: outcome.order, receivedMs: nowMs() });
  }
}
