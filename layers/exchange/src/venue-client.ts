/**
 * The part of a ccxt venue that Nightdesk uses. Answers are `unknown` on purpose: ccxt types them as present and sane
 * where venues leave them out, so nothing is believed before a mapper has checked it.
 */

/** What a venue object is constructed with. */
export interface VenueClientConfig extends Record<string, unknown> {
  /** How ccxt makes numbers of the texts it reads: `String` keeps them as they are. */
  number: typeof String;
  /** Off: requests wait in the budget (observed-client.ts). */
  enableRateLimit: false;
  /** Milliseconds. */
  timeout: number;
  options: Record<string, unknown>;
}

/** Passed on to the venue, unless ccxt knows them. */
export type CallParameters = Readonly<Record<string, unknown>>;

/** Of one asset, or of all where none is named. */
type RecordList = (code?: string, sinceMs?: number, limit?: number, params?: CallParameters) => Promise<unknown>;

type OrderList = (symbol: string, sinceMs?: number, limit?: number, params?: CallParameters) => Promise<unknown>;

export interface VenueClient {
  readonly id: string;
  readonly has: Readonly<Record<string, unknown>>;
  /** What ccxt says the venue can keep, by kind of market and method. */
  readonly features?: unknown;
  readonly precisionMode: number;
  /** Milliseconds per unit of cost: the venue's limit as ccxt knows it. */
  readonly rateLimit: number;
  readonly markets: Readonly<Record<string, unknown>> | undefined;
  /** Names of ccxt's credentials, and whether this venue asks for them. */
  readonly requiredCredentials: Readonly<Record<string, unknown>>;
  /** By ccxt's names of timeframes; absent where the venue has no candles. */
  readonly timeframes: Readonly<Record<string, unknown>> | undefined;
  options: Record<string, unknown>;
  urls: Record<string, unknown>;
  setSandboxMode(enabled: boolean): void;
  setMarkets(markets: readonly unknown[]): unknown;
  /** Takes over the markets of another client of the same class, as they are. */
  setMarketsFromExchange(source: unknown): unknown;
  amountToPrecision(symbol: string, amount: string): unknown;
  priceToPrecision(symbol: string, price: string): unknown;
  fetchTime(): Promise<unknown>;
  fetchPositionMode(symbol?: string): Promise<unknown>;
  fetchLeverage(symbol: string, params?: CallParameters): Promise<unknown>;
  fetchMarginMode(symbol: string): Promise<unknown>;
  setLeverage(leverage: number, symbol: string, params?: CallParameters): Promise<unknown>;
  setMarginMode(marginMode: string, symbol: string): Promise<unknown>;
  setPositionMode(hedged: boolean, symbol: string): Promise<unknown>;
  fetchMarkets(): Promise<unknown>;
  fetchStatus(): Promise<unknown>;
  fetchBidsAsks(symbols: readonly string[]): Promise<unknown>;
  fetchOrderBook(symbol: string, limit?: number): Promise<unknown>;
  fetchTicker(symbol: string): Promise<unknown>;
  fetchTickers(symbols: readonly string[]): Promise<unknown>;
  fetchOHLCV(symbol: string, timeframe: string, sinceMs?: number, limit?: number): Promise<unknown>;
  fetchTrades: OrderList;
  fetchFundingRate(symbol: string): Promise<unknown>;
  /** What a perpetual paid; `fetchFundingHistory` is what an account paid or got. */
  fetchFundingRateHistory(symbol: string, sinceMs?: number, limit?: number): Promise<unknown>;
  fetchBalance(params?: CallParameters): Promise<unknown>;
  fetchPositions(symbols?: readonly string[]): Promise<unknown>;
  createOrder(
    symbol: string,
    type: string,
    side: string,
    amount: string,
    price: string | undefined,
    params: CallParameters,
  ): Promise<unknown>;
  editOrder(
    id: string,
    symbol: string,
    type: string,
    side: string,
    amount: string | undefined,
    price: string | undefined,
    params: CallParameters,
  ): Promise<unknown>;
  cancelOrder(id: string, symbol: string): Promise<unknown>;
  fetchOrder(id: string, symbol: string, params?: CallParameters): Promise<unknown>;
  fetchOpenOrders(symbol?: string, sinceMs?: number, limit?: number, params?: CallParameters): Promise<unknown>;
  fetchOrders: OrderList;
  fetchCanceledAndClosedOrders: OrderList;
  fetchClosedOrders: OrderList;
  fetchCanceledOrders: OrderList;
  fetchMyTrades(symbol?: string, sinceMs?: number, limit?: number, params?: CallParameters): Promise<unknown>;
  fetchFundingHistory: OrderList;
  fetchDeposits: RecordList;
  fetchWithdrawals: RecordList;
  fetchTransfers: RecordList;
  fetchLedger: RecordList;
  /** @param afterMs milliseconds; 0 takes it back */
  cancelAllOrdersAfter(afterMs: number, params?: CallParameters): Promise<unknown>;
  fetchOrderTrades(
    id: string,
    symbol: string,
    sinceMs?: number,
    limit?: number,
    params?: CallParameters,
  ): Promise<unknown>;

  // Called by ccxt itself; Nightdesk overrides them (observed-client.ts).
  milliseconds: () => number;
  nonce(): number;
  fetch2(...request: VenueRequest): Promise<unknown>;
  calculateRateLimiterCost(part: unknown, method: string, path: string, params: object, limits: object): unknown;
  parseOHLCV(row: unknown, market?: unknown): unknown;
  fetch(url: string, method?: string, headers?: unknown, body?: unknown): Promise<unknown>;
  handleErrors(...answer: HttpAnswer): unknown;
  handleHttpStatusCode(status: number, reason: string, url: string, method: string, body: string): void;
}

/** What ccxt sends through, in its order: signing, sending and reading the answer happen below. */
export type VenueRequest = [
  path: string,
  part?: unknown,
  method?: string,
  params?: Readonly<Record<string, unknown>>,
  headers?: unknown,
  body?: unknown,
  /** What the request costs, by its parameters. */
  limits?: Readonly<Record<string, unknown>>,
];

/** What ccxt hands to a venue's error handling, in its order. */
export type HttpAnswer = [
  status: number,
  reason: string,
  url: string,
  method: string,
  headers: unknown,
  body: string,
  response: unknown,
  requestHeaders: unknown,
  requestBody: unknown,
];

export type VenueClass = new (config: VenueClientConfig) => VenueClient;

/** True where ccxt says the venue answers this question itself; `emulated` answers are put together from others. */
export const offers = (client: VenueClient, method: string): boolean => client.has[method] === true;
