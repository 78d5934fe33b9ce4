/** A venue under the contract: the means to disturb it, to see what it really did, and to say what it cannot do. */
import {
  type Amount,
  amount,
  type Market,
  notionalOf,
  type OrderReference,
  type OrderRequest,
  type Price,
  price,
  roundToStep,
  type Transfer,
  type VenueOrder,
  type VenuePort,
} from '@nightdesk/core';
import { it } from 'vitest';

/** What can be made to go wrong with the next order, with the next cancellation, or with the next questions. */
export type ContractFault =
  | 'lose_request'
  | 'lose_answer'
  | 'fail_after_accept'
  | 'partial_fill'
  | 'lose_cancel_request'
  | 'lose_cancel_answer'
  | 'lose_amend_request'
  | 'lose_amend_answer'
  | 'no_answer_to_questions'
  | 'no_answer_at_all'
  | 'no_price';

export interface VenueHarness {
  venue: VenuePort;
  /** A market with a book deep enough for every order of the suite. */
  symbol: string;
  /** Worth more than the market's minimum and less than the account has. */
  amount: string;
  /**
   * Less than the venue takes.
   *
   * @default the market's step, which is less where the minimum is several steps or a worth
   */
  amountTooSmall?: string;
  inject(fault: ContractFault): Promise<void> | void;
  clearFaults(): Promise<void> | void;
  /** Multiplies the market's price, from now on. Absent where the price cannot be moved. */
  movePrice?(factor: number): Promise<void> | void;
  /** How many orders the venue has with this id of ours, from its own books. */
  countOrders(clientOrderId: string): Promise<number> | number;
  /** What others do with the account. Absent where nobody else can reach it. */
  outside?: OutsideOfDesk;
  /** The venue's time. @default the machine's */
  nowMs?(): number;
  close(): Promise<void> | void;
}

export interface OutsideTransfer {
  direction: 'in' | 'out';
  asset: string;
  amount: string;
  fee?: string;
  status: 'done' | 'pending';
}

export interface OutsideOfDesk {
  /** Somebody pays in or takes out. Gives the id by which `endTransfer` ends a pending one. */
  transfer(transfer: OutsideTransfer): Promise<string> | string;
  endTransfer(id: string): Promise<void> | void;
  /** Somebody with the account's key buys at the market. */
  buy(amount: string): Promise<void> | void;
  /** Has those who are long in the market pay funding, and gives what the account paid. */
  chargeFunding(): Promise<Amount> | Amount;
}

/** Parts of the contract that a venue, or what stands in for it here, may be unable to keep. */
export type Ability =
  | 'fill_or_kill'
  | 'partial_fill'
  | 'candles'
  | 'public_trades'
  | 'balance_changes'
  | 'positions'
  | 'funding'
  | 'funding_history'
  | 'all_open_orders'
  | 'cancel'
  | 'amend'
  | 'prepare'
  | 'reduce_only'
  | 'settings'
  | 'trigger_steps'
  | 'stop'
  | 'stop_limit'
  | 'take_profit'
  | 'trailing_stop'
  | 'probe'
  | 'own_trades'
  | 'many_trades'
  | 'outsider'
  | 'transfers'
  | 'funding_payments'
  | 'tickers'
  | 'dead_man';

/** Why, by part: its tests are then listed as skipped for this reason. */
export type Inabilities = Partial<Record<Ability, string>>;

/** How far a price must be from the market's to be safely on one side of it: it may move during a test. */
export const farBelow = price('0.9');
export const farAbove = price('1.05');

/** What the parts of the suite share: the opened harness, and orders of its market. */
export class VenueBench {
  #harness: VenueHarness | undefined;
  #market: Market | undefined;
  #nextId = 0;
  readonly #cannot: Inabilities;

  constructor(cannot: Inabilities) {
    this.#cannot = cannot;
  }

  async open(open: () => Promise<VenueHarness>): Promise<void> {
    const harness = await open();
    this.#harness = harness;
    this.#market = (await harness.venue.fetchMarkets()).find(({ symbol }) => symbol === harness.symbol);
    if (this.#market === undefined) throw new Error(`${harness.symbol} is not listed`);
  }

  get harness(): VenueHarness {
    if (this.#harness === undefined) throw new Error('the venue is not open yet');
    return this.#harness;
  }

  get venue(): VenuePort {
    return this.harness.venue;
  }

  get market(): Market {
    if (this.#market === undefined) throw new Error('the venue is not open yet');
    return this.#market;
  }

  get outside(): OutsideOfDesk {
    if (this.harness.outside === undefined) throw new Error('nobody else can reach the account');
    return this.harness.outside;
  }

  nowMs(): number {
    return this.harness.nowMs?.() ?? Date.now();
  }

  /** @throws Error where the venue cannot tell */
  async transfersSince(sinceMs: number): Promise<Transfer[]> {
    const transfers = await this.venue.fetchTransfers(sinceMs);
    if (transfers === undefined) throw new Error('the venue does not tell of transfers');
    return transfers;
  }

  /** A test of a part that the venue may be unable to keep. */
  testOf(ability: Ability): (name: string, run: () => Promise<void>) => void {
    const reason = this.#cannot[ability];
    return reason === undefined
      ? (name, run) => it(name, run)
      : (name, run) => it.skip(`${name} (not here: ${reason})`, run);
  }

  /** Whether the venue keeps orders of a type, and what stands in for it here lets them wait. */
  canDo(type: 'stop' | 'stop_limit' | 'take_profit' | 'trailing_stop'): boolean {
    return this.#cannot[type] === undefined && this.venue.abilitiesOf(this.market).types.has(type);
  }

  /** A market order to buy, unless changed. */
  order(change: Partial<OrderRequest> = {}): OrderRequest {
    this.#nextId += 1;
    const clientOrderId = `ndcontract${String(this.#nextId).padStart(16, '0')}`;
    const { symbol, amount: size } = this.harness;
    return { clientOrderId, symbol, side: 'buy', type: 'market', amount: amount(size), ...change };
  }

  async restingOrder(): Promise<OrderRequest> {
    return this.order({ type: 'limit', price: await this.priceAt(farBelow), timeInForce: 'GTC' });
  }

  place(request: OrderRequest) {
    return this.venue.placeOrder(request, this.market);
  }

  async accepted(request: OrderRequest): Promise<VenueOrder> {
    const outcome = await this.place(request);
    if (outcome.kind !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(outcome)}`);
    return outcome.order;
  }

  find(request: OrderRequest, change: Partial<OrderReference> = {}) {
    return this.venue.findOrder({ ...this.referenceOf(request), ...change }, this.market);
  }

  cancel(request: OrderRequest, change: Partial<OrderReference> = {}) {
    return this.venue.cancelOrder({ ...this.referenceOf(request), ...change }, this.market);
  }

  /** The price a buyer would pay, times a factor, on the market's grid. */
  async priceAt(factor: Price): Promise<Price> {
    const now = await this.venue.fetchPrice(this.market, 'buy');
    return roundToStep(price(notionalOf(amount(now), factor)), this.market.priceStep, 'down');
  }

  referenceOf({ clientOrderId, symbol, side, amount: size }: OrderRequest): OrderReference {
    return { clientOrderId, symbol, side, amount: size, sinceMs: Date.now() - 60_000 };
  }
}
