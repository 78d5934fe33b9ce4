/**
 * edgeX as its documentation describes it, for one account and one price that never moves. Answers are those of the
 * documentation's examples (test/fixtures/edgex) with the fields of what was sent.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { getPublicKey, Point, pedersen, verify } from '@scure/starknet';
import {
  fateOf,
  type RecordedAnswer,
  type RecordedRequest,
  type RecordedVenue,
  startRecordedVenue,
} from './recorded-venue.ts';

type Entry = Record<string, unknown>;

/** The account of the documentation's examples, with a key of our own. */
export const exampleAccount = {
  accountId: '543429922991899150',
  privateKey: '0x0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
};

/** An answer of the documentation, e.g. `depth` for getDepth. */
export const documented = (name: string): Entry & { data: never } =>
  JSON.parse(readFileSync(new URL(`../fixtures/edgex/${name}.json`, import.meta.url), 'utf8'));

/** Of the documented book. */
const quote = { bid: 101_695.5, ask: 101_695.9 };
/** How far a request's time may be from ours, by the documentation of edgeX's second version. */
const timestampMsMax = 60_000;
const eightDaysMs = 8 * 86_400_000;

export interface RecordedEdgex extends RecordedVenue {
  /** Every order it was sent and did not refuse, as it stands. */
  orders: Entry[];
  /** Market orders fill to this share of their size from now on. */
  fillRatio: number;
  /** Post-only orders that would fill are taken and then canceled, instead of being refused. */
  cancelsLater: boolean;
}

/** @param nowMs the venue's clock */
export async function startRecordedEdgex(nowMs: () => number = Date.now): Promise<RecordedEdgex> {
  const desk = new RecordedDesk(nowMs);
  const example = (name: string) => () => ({ body: documented(name) });
  const listed = (entries: (request: RecordedRequest) => Entry[]) => (request: RecordedRequest) =>
    success(entries(request));
  const paged = (entries: (request: RecordedRequest) => Entry[]) => (request: RecordedRequest) =>
    success(page(entries(request), request.query));
  const [publicly, privately] = ['/api/v1/public', '/api/v1/private'];
  const venue = await startRecordedVenue({
    refuse: (request) => refuseUnsigned(request, nowMs()),
    routes: {
      [`GET ${publicly}/meta/getServerTime`]: () => success({ timeMillis: String(nowMs()) }),
      [`GET ${publicly}/meta/getMetaData`]: example('meta-data'),
      [`GET ${publicly}/quote/getTicker`]: example('ticker'),
      [`GET ${publicly}/quote/getDepth`]: example('depth'),
      [`GET ${publicly}/quote/getKline`]: example('kline'),
      [`GET ${publicly}/funding/getLatestFundingRate`]: example('latest-funding-rate'),
      [`GET ${publicly}/funding/getFundingRatePage`]: example('funding-rate-page'),
      [`GET ${privately}/account/getAccountAsset`]: example('account-asset'),
      [`POST ${privately}/account/updateLeverageSetting`]: () => success(null),
      [`GET ${privately}/order/getOrderById`]: listed(({ query }) => desk.named('id', query, 'orderIdList', isLive)),
      [`GET ${privately}/order/getHistoryOrderById`]: listed(({ query }) =>
        desk.named('id', query, 'orderIdList', isOver),
      ),
      [`GET ${privately}/order/getOrderByClientOrderId`]: listed(({ query }) =>
        desk.named('clientOrderId', query, 'clientOrderIdList', isLive),
      ),
      [`GET ${privately}/order/getHistoryOrderByClientOrderId`]: listed(({ query }) =>
        desk.named('clientOrderId', query, 'clientOrderIdList', isOver),
      ),
      [`GET ${privately}/order/getActiveOrderPage`]: paged(({ query }) => filter(desk.orders.filter(isLive), query)),
      [`GET ${privately}/order/getHistoryOrderPage`]: paged(({ query }) => filter(desk.orders.filter(isOver), query)),
      [`GET ${privately}/order/getHistoryOrderFillTransactionPage`]: paged(({ query }) => filter(desk.fills, query)),
      [`POST ${privately}/order/createOrder`]: ({ body }) => desk.place(JSON.parse(body)),
      [`POST ${privately}/order/cancelOrderById`]: ({ body }) => desk.cancel('id', JSON.parse(body).orderIdList),
      [`POST ${privately}/order/cancelOrderByClientOrderId`]: ({ body }) =>
        desk.cancel('clientOrderId', JSON.parse(body).clientOrderIdList),
      [`POST ${privately}/order/cancelAllOrder`]: () =>
        desk.cancel(
          'id',
          desk.orders.filter(isLive).map(({ id }) => String(id)),
        ),
    },
  });
  return Object.assign(desk, venue);
}

const isLive = ({ status }: Entry): boolean => status === 'OPEN';
const isOver = (order: Entry): boolean => !isLive(order);

const success = (data: unknown): RecordedAnswer => ({ body: { ...documented('create-order'), data } });
export const refusal = (code: string): RecordedAnswer => ({
  body: { ...documented('create-order'), code, data: null },
});

const filters: readonly (readonly [parameter: string, field: string])[] = [
  ['filterContractIdList', 'contractId'],
  ['filterStatusList', 'status'],
  ['filterOrderIdList', 'orderId'],
];

/** The newest first, as edgeX's pages are. */
function filter(entries: readonly Entry[], query: URLSearchParams): Entry[] {
  const sinceMs = Number(query.get('filterStartCreatedTimeInclusive') ?? 0);
  const found = entries.filter(
    (entry) =>
      Number(entry.createdTime) >= sinceMs &&
      filters.every(([parameter, field]) => {
        const wanted = query.get(parameter)?.split(',');
        return wanted === undefined || wanted.includes(String(entry[field]));
      }),
  );
  return found.reverse();
}

function page(entries: readonly Entry[], query: URLSearchParams): Entry {
  const start = Number(query.get('offsetData') ?? 0);
  const end = start + Number(query.get('size'));
  return { dataList: entries.slice(start, end), nextPageOffsetData: end < entries.length ? String(end) : '' };
}

class RecordedDesk {
  readonly orders: Entry[] = [];
  readonly fills: Entry[] = [];
  fillRatio = 1;
  cancelsLater = false;
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  named(field: string, query: URLSearchParams, parameter: string, among: (order: Entry) => boolean): Entry[] {
    const wanted = query.get(parameter)?.split(',') ?? [];
    return this.orders.filter((order) => among(order) && wanted.includes(String(order[field])));
  }

  place(sent: Entry): RecordedAnswer {
    const known = this.orders.find(({ clientOrderId }) => clientOrderId === sent.clientOrderId);
    if (known !== undefined) return success({ orderId: known.id });
    if (!isSettleable(sent)) return refusal('SIGNATURE_ERROR');
    const [example] = documented('order-by-id').data as Entry[];
    const now = String(this.#nowMs());
    const id = String(564_829_588_270_612_618n + BigInt(this.orders.length));
    const order: Entry = { ...example, ...sent, id, createdTime: now, updatedTime: now };
    const immediate = sent.timeInForce === 'IMMEDIATE_OR_CANCEL' || sent.timeInForce === 'FILL_OR_KILL';
    const postOnly = sent.timeInForce === 'POST_ONLY';
    const side = sent.side === 'BUY' ? 'buy' : 'sell';
    const limit = sent.type === 'LIMIT' ? { price: Number(sent.price) } : {};
    const fate = fateOf({ side, ...limit, immediate, postOnly }, quote);
    if (fate === 'ends' && postOnly && !this.cancelsLater) return refusal('INVALID_PARAMETER');
    this.orders.push(order);
    if (fate === 'fills') this.#fill(order, sent.type === 'MARKET' ? this.fillRatio : 1);
    if (fate === 'ends') Object.assign(order, { status: 'CANCELED', cancelReason: 'COULD_NOT_FILL' });
    return success({ orderId: id });
  }

  cancel(field: string, names: string[]): RecordedAnswer {
    const results = names.map((name) => {
      const order = this.orders.find((candidate) => candidate[field] === name);
      if (order === undefined) return [name, 'FAILED_ORDER_NOT_FOUND'];
      if (order.status === 'FILLED') return [name, 'FAILED_ORDER_FILLED'];
      Object.assign(order, { status: 'CANCELED', cancelReason: 'USER_CANCELED' });
      return [name, 'SUCCESS'];
    });
    return success({ cancelResultMap: Object.fromEntries(results) });
  }

  /** Half and half, so that an order has more than one fill. */
  #fill(order: Entry, ratio: number): void {
    const price = order.side === 'BUY' ? quote.ask : quote.bid;
    const thousandths = Math.round(Number(order.size) * ratio * 1_000);
    const [example] = (documented('history-order-fill-transaction-page').data as { dataList: Entry[] }).dataList;
    const halves = [Math.floor(thousandths / 2), Math.ceil(thousandths / 2)].filter((part) => part > 0);
    for (const part of halves) {
      this.fills.push({
        ...example,
        id: String(564_815_957_260_763_406n + BigInt(this.fills.length)),
        orderId: order.id,
        orderSide: order.side,
        fillSize: String(part / 1_000),
        fillValue: value(part, price),
        fillPrice: String(price),
        fillFee: '0.1',
        matchTime: order.createdTime,
        createdTime: order.createdTime,
      });
    }
    Object.assign(order, {
      status: ratio === 1 ? 'FILLED' : 'OPEN',
      cumFillSize: String(thousandths / 1_000),
      cumFillValue: value(thousandths, price),
    });
  }
}

/** Whole numbers until the end: prices have one decimal, sizes three. */
const value = (thousandths: number, price: number): string => String((thousandths * Math.round(price * 10)) / 10_000);

// What follows is computed from what came over the wire, not by the code under test.

const publicPoint = Buffer.from(getPublicKey(exampleAccount.privateKey)).toString('hex');
const isSigned = (signature: string, hash: bigint): boolean =>
  /^[0-9a-f]{128}$/.test(signature) && verify(signature, hash.toString(16), publicPoint, { format: 'compact' });

function refuseUnsigned(request: RecordedRequest, nowMs: number): RecordedAnswer | undefined {
  const { method, target, path, headers, body } = request;
  if (!path.startsWith('/api/v1/private/')) return undefined;
  const timestamp = String(headers['x-edgex-api-timestamp']);
  if (Math.abs(Number(timestamp) - nowMs) > timestampMsMax) return refusal('INVALID_TIMESTAMP');
  const parameters = method === 'GET' ? target.split('?')[1]?.split('&') : named(JSON.parse(body));
  const text = `${timestamp}${method}${path}${parameters?.sort().join('&')}`;
  const hash = BigInt(`0x${Buffer.from(keccak_256(Buffer.from(text))).toString('hex')}`) % Point.Fn.ORDER;
  const signature = String(headers['x-edgex-api-signature']);
  const valid = signature.slice(128) === publicPoint.slice(66) && isSigned(signature.slice(0, 128), hash);
  return valid && text.includes(`accountId=${exampleAccount.accountId}`) ? undefined : refusal('SIGNATURE_ERROR');
}

const named = (body: Entry): string[] =>
  Object.entries(body).map(([name, part]) => `${name}=${Array.isArray(part) ? part.join('&') : String(part)}`);

/** That the settlement signed is the order sent: same amounts, in units of the documented assets. */
function isSettleable(sent: Entry): boolean {
  const [bitcoin, tether] = [
    BigInt('0x425443322d31300000000000000000'),
    BigInt('0x33bda5c923bae4e84825b74762d5482889b9512465fbffc50d1ae4b82e345c3'),
  ];
  const nonce = BigInt(`0x${createHash('sha256').update(String(sent.clientOrderId)).digest('hex').slice(0, 8)}`);
  const size = units(sent.size, 10);
  const [sold, bought] = sent.side === 'BUY' ? [units(sent.l2Value, 6), size] : [size, units(sent.l2Value, 6)];
  const amounts = (((((sold << 64n) + bought) << 64n) + units(sent.l2LimitFee, 6)) << 32n) + nonce;
  const account = BigInt(String(sent.accountId));
  const accounts = (((account << 64n) + account) << 64n) + account;
  const hours = BigInt(String(sent.l2ExpireTime)) / 3_600_000n;
  const parties = ((((3n << 192n) + accounts) << 32n) + hours) << 17n;
  const assets = sent.side === 'BUY' ? pedersen(tether, bitcoin) : pedersen(bitcoin, tether);
  const hash = [tether, amounts, parties].reduce((so, next) => BigInt(pedersen(so, next)), BigInt(assets));
  const lasts = Number(sent.l2ExpireTime) >= Number(sent.expireTime) + eightDaysMs;
  return lasts && sent.l2Size === sent.size && isSigned(String(sent.l2Signature), hash);
}

function units(decimal: unknown, places: number): bigint {
  const [whole = '', fraction = ''] = String(decimal).split('.');
  return BigInt(whole + fraction.padEnd(places, '0').slice(0, places));
}
