/** BitMEX as its documentation describes it, for one account and one price that never moves. */
import { createHmac, randomUUID } from 'node:crypto';
import {
  assets,
  candle,
  execution,
  funding,
  instruments,
  keys,
  margins,
  position,
  refusal,
  trade,
  xbtSpot,
} from './bitmex-answers.ts';
import {
  fateOf,
  type RecordedAnswer,
  type RecordedRequest,
  type RecordedVenue,
  startRecordedVenue,
} from './recorded-venue.ts';

/** The key pair of the documentation's examples. */
export const exampleKey = {
  apiKey: 'LAqUlngMIQkIUjXMUreyu3qn',
  secret: 'chNOOS4KvNXR_Xq4k4c9qsfoKWvnDecLATCRlcBwyKDYnWgO',
};

const quote = { bid: 97_882.5, ask: 97_887 };

type Entry = Record<string, unknown>;

export interface RecordedBitmex extends RecordedVenue {
  /** Every order it was sent and did not refuse, as it stands. */
  orders: Entry[];
  /** Market orders fill to this share of their size from now on. */
  fillRatio: number;
}

/** @param nowMs the venue's clock, against which requests expire */
export async function startRecordedBitmex(nowMs: () => number = Date.now): Promise<RecordedBitmex> {
  const desk = new RecordedDesk(nowMs);
  const fixed = (body: unknown) => () => ({ body });
  const venue = await startRecordedVenue({
    refuse: (request) => refuseUnsigned(request, nowMs()),
    routes: {
      'GET /api/v1': () => ({ body: { name: 'BitMEX API', version: '2.0.0', timestamp: nowMs() } }),
      'GET /api/v1/apiKey': fixed(keys),
      'GET /api/v1/execution/tradeHistory': (request) => ({ body: select(desk.executions, request) }),
      'GET /api/v1/funding': fixed([funding]),
      'GET /api/v1/instrument': ({ query }) => ({
        body: instruments.filter(({ symbol }) => symbol === query.get('symbol')),
      }),
      'GET /api/v1/instrument/active': fixed(instruments),
      'GET /api/v1/order': (request) => ({ body: select(desk.orders, request) }),
      'GET /api/v1/orderBook/L2': ({ query }) => ({ body: levels(query.get('symbol')) }),
      'GET /api/v1/position': fixed([position]),
      'GET /api/v1/trade': fixed([trade]),
      'GET /api/v1/trade/bucketed': fixed([candle]),
      'GET /api/v1/user/margin': fixed(margins),
      'GET /api/v1/wallet/assets': fixed(assets),
      'POST /api/v1/order': ({ body }) => desk.place(JSON.parse(body) as Entry),
      'POST /api/v1/position/leverage': ({ body }) => ({ body: { ...position, ...(JSON.parse(body) as Entry) } }),
      'PUT /api/v1/order': ({ body }) => desk.amend(JSON.parse(body) as Entry),
      'DELETE /api/v1/order': ({ body }) => desk.cancel(JSON.parse(body) as Entry),
      'DELETE /api/v1/order/all': ({ body }) => desk.cancelAll(JSON.parse(body) as Entry),
    },
  });
  return Object.assign(desk, venue);
}

/** Computed from the request as it came over the wire, not by the code under test. */
function refuseUnsigned(request: RecordedRequest, nowMs: number): RecordedAnswer | undefined {
  const { method, target, headers, body } = request;
  const [expires, key, signature] = [headers['api-expires'], headers['api-key'], headers['api-signature']];
  const isPublic = method === 'GET' && /^\/api\/v1($|\/(funding|instrument|orderBook|trade|wallet))/.test(request.path);
  if (key === undefined) return isPublic ? undefined : { status: 401, body: refusal('Authorization Required') };
  if (key !== exampleKey.apiKey) return { status: 401, body: refusal('Invalid API Key.') };
  const expected = createHmac('sha256', exampleKey.secret).update(`${method}${target}${expires}${body}`).digest('hex');
  if (signature !== expected) return { status: 401, body: refusal('Signature not valid.') };
  if (Number(expires) * 1_000 >= nowMs) return undefined;
  return { status: 401, body: refusal('This request has expired - `expires` is in the past.') };
}

/** `GET` on a table: `symbol`, `filter`, `startTime`, `reverse` and `count`. */
function select(entries: readonly Entry[], { query }: RecordedRequest): Entry[] {
  const { open, ...filter } = JSON.parse(query.get('filter') ?? '{}') as Entry;
  const [symbol, startTime] = [query.get('symbol'), query.get('startTime')];
  const found = entries.filter(
    (entry) =>
      (symbol === null || entry.symbol === symbol) &&
      (startTime === null || String(entry.timestamp) >= startTime) &&
      (open !== true || isOpen(entry)) &&
      Object.entries(filter).every(([name, value]) => entry[name] === value),
  );
  return (query.get('reverse') === 'true' ? found.reverse() : found).slice(0, Number(query.get('count') ?? 100));
}

function levels(symbol: string | null) {
  const level = (side: string, price: number) => ({ symbol, id: price * 2, side, size: 5_000_000_000, price });
  return [level('Sell', 100_000), level('Sell', quote.ask), level('Buy', quote.bid), level('Buy', 9_990)];
}

const isOpen = ({ ordStatus }: Entry): boolean => ordStatus === 'New' || ordStatus === 'PartiallyFilled';

class RecordedDesk {
  readonly orders: Entry[] = [];
  readonly executions: Entry[] = [];
  fillRatio = 1;
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  place(sent: Entry): RecordedAnswer {
    const { clOrdID, orderQty, symbol, ordType, execInst, timeInForce } = sent;
    if (this.orders.some((order) => isOpen(order) && order.clOrdID === clOrdID)) return refuse('Duplicate clOrdID');
    const lot = instruments.find((instrument) => instrument.symbol === symbol)?.lotSize;
    if (lot === undefined || lot === null) return refuse('Invalid symbol');
    if (!Number.isInteger(orderQty) || Number(orderQty) % lot !== 0) return refuse('Invalid orderQty');
    const order: Entry = {
      orderID: randomUUID(),
      timeInForce: 'GoodTillCancel',
      execInst: '',
      ...sent,
      settlCurrency: 'USDt',
      ordRejReason: '',
      text: 'Submitted via API.',
      ...this.#now(),
      ...this.#quantities(orderQty, 0),
    };
    const limit = ordType === 'Limit' ? { price: Number(sent.price) } : {};
    const immediate = timeInForce === 'ImmediateOrCancel' || timeInForce === 'FillOrKill';
    const postOnly = String(execInst).includes('ParticipateDoNotInitiate');
    const fate = fateOf({ side: sent.side === 'Buy' ? 'buy' : 'sell', ...limit, immediate, postOnly }, quote);
    if (fate === 'fills') this.#fill(order, ordType === 'Market' ? this.fillRatio : 1);
    const reason = postOnly ? 'execInst of ParticipateDoNotInitiate' : `timeInForce of ${String(timeInForce)}`;
    if (fate === 'ends') this.#end(order, `Canceled: Order had ${reason}\nSubmitted via API.`);
    this.orders.push(order);
    return { body: order };
  }

  amend({ orderID, origClOrdID, ...changes }: Entry): RecordedAnswer {
    const order = this.#find(orderID, origClOrdID);
    if (order === undefined) return refuse('Invalid orderID');
    if (!isOpen(order)) return refuse('Invalid ordStatus');
    Object.assign(order, changes, this.#now());
    return { body: Object.assign(order, this.#quantities(order.orderQty, Number(order.cumQty))) };
  }

  cancel({ orderID, clOrdID }: Entry): RecordedAnswer {
    const order = this.#find(orderID, clOrdID);
    if (order === undefined) return { status: 404, body: refusal('Not Found') };
    if (isOpen(order)) return { body: [this.#end(order, 'Canceled: Canceled via API.\nSubmitted via API.')] };
    return { body: [{ ...order, error: `Unable to cancel order due to existing state: ${String(order.ordStatus)}` }] };
  }

  cancelAll({ symbol }: Entry): RecordedAnswer {
    const open = this.orders.filter((order) => isOpen(order) && (symbol === undefined || order.symbol === symbol));
    return { body: open.map((order) => this.#end(order, 'Canceled: Canceled via API.')) };
  }

  #find(orderID: unknown, clOrdID: unknown): Entry | undefined {
    return this.orders.find((order) => (orderID === undefined ? order.clOrdID === clOrdID : order.orderID === orderID));
  }

  #fill(order: Entry, ratio: number): void {
    const quantity = Number(order.orderQty) * ratio;
    const price = order.side === 'Buy' ? quote.ask : quote.bid;
    Object.assign(order, this.#quantities(order.orderQty, quantity), { avgPx: price });
    const size = quantity / xbtSpot.underlyingToPositionMultiplier;
    this.executions.push({
      ...execution,
      ...order,
      execID: randomUUID(),
      trdMatchID: randomUUID(),
      lastQty: quantity,
      lastPx: price,
      lastLiquidityInd: 'RemovedLiquidity',
      execComm: 12,
      homeNotional: size,
      foreignNotional: -size * price,
      ...this.#now(),
    });
  }

  #end(order: Entry, text: string): Entry {
    return Object.assign(order, { ordStatus: 'Canceled', leavesQty: 0, text, ...this.#now() });
  }

  #quantities(orderQty: unknown, cumQty: number): Entry {
    const leavesQty = Number(orderQty) - cumQty;
    const ordStatus = leavesQty === 0 ? 'Filled' : cumQty > 0 ? 'PartiallyFilled' : 'New';
    return { orderQty, cumQty, leavesQty, ordStatus, workingIndicator: leavesQty > 0 };
  }

  #now(): Entry {
    const timestamp = new Date(this.#nowMs()).toISOString();
    return { transactTime: timestamp, timestamp };
  }
}

const refuse = (message: string): RecordedAnswer => ({ status: 400, body: refusal(message) });
