/** Reads the parameters of a new order and turns them into what the matching engine understands. */
import { type Decimal, zero } from '../engine/decimal.ts';
import type { OrderRequest, Side, TimeInForce, Trigger } from '../engine/types.ts';
import { lotDecimals, type PairSpec } from './catalog.ts';
import { invalidArguments, invalidPrice, marginRefused } from './errors.ts';
import { readClientOrderId, readDeadline, readExpiry, readUserReference } from './order-fields.ts';
import type { Params } from './params.ts';

const orderTypes = ['market', 'limit', 'stop-loss', 'take-profit', 'stop-loss-limit', 'take-profit-limit'] as const;
export type OrderType = (typeof orderTypes)[number];

const timesInForce: Readonly<Record<string, TimeInForce>> = {
  GTC: 'good-till-canceled',
  IOC: 'immediate-or-cancel',
  // The engine lets it rest; when its time comes it is taken out.
  GTD: 'good-till-canceled',
};

const knownFlags = ['post', 'fcib', 'fciq', 'nompp', 'viqc'];

export interface NewOrder {
  readonly request: OrderRequest;
  /** Only look whether it would be accepted. */
  readonly validateOnly: boolean;
}

export interface NewOrderContext {
  readonly accountId: string;
  readonly spec: PairSpec;
  readonly nowMs: number;
  /** For the engine, when the customer gives no id of his own. */
  readonly inventedId: string;
}

/** @throws KrakenError naming the first parameter that is missing, malformed or out of place. */
export function readNewOrder(params: Params, context: NewOrderContext): NewOrder {
  refuseWhatIsNotSimulated(params);
  const { accountId, spec, nowMs } = context;
  const side = readSide(params);
  const type = readType(params);
  const flags = readFlags(params, { type, side });
  const amount = readVolume(params, spec, flags.has('viqc'));
  const { price, trigger } = readPrices(params, { spec, type, side });
  const timeInForce = params.text('timeinforce')?.toUpperCase() ?? 'GTC';
  const engineTime = timesInForce[timeInForce];
  if (engineTime === undefined || (flags.has('post') && timeInForce === 'IOC')) throw invalidArguments('timeinforce');
  const expiresAtMs = readExpiry(params, { timeInForce, nowMs });
  const clientOrderId = readClientOrderId(params);
  const userReference = readUserReference(params);
  if (clientOrderId !== undefined && userReference !== undefined) throw invalidArguments('cl_ord_id and userref');
  readDeadline(params, nowMs);
  const feeIsGiven = flags.has('fcib') === (side === 'sell');
  const request: OrderRequest = {
    accountId,
    instrumentId: spec.id,
    clientOrderId: clientOrderId ?? context.inventedId,
    side,
    execution: price === undefined ? 'market' : 'limit',
    timeInForce: engineTime,
    postOnly: flags.has('post'),
    feeFrom: feeIsGiven ? 'given' : 'received',
    ...(price && { price }),
    ...(flags.has('viqc') ? { quoteQuantity: amount } : { quantity: amount }),
    ...(trigger && { trigger }),
    ...(expiresAtMs !== undefined && { expiresAtMs }),
    attributes: {
      type,
      timeInForce,
      flags: [...flags].join(','),
      ...(clientOrderId !== undefined && { clientOrderId }),
      ...(userReference !== undefined && { userReference: String(userReference) }),
    },
  };
  return { request, validateOnly: params.flag('validate') };
}

/** Margin, scheduled, conditional and iceberg orders: refused rather than traded as something else. */
function refuseWhatIsNotSimulated(params: Params): void {
  const leverage = params.text('leverage');
  if (leverage !== undefined && leverage !== 'none') throw marginRefused();
  if (params.flag('reduce_only')) throw invalidArguments('reduce_only');
  for (const name of ['close', 'close[ordertype]', 'displayvol']) if (params.has(name)) throw invalidArguments(name);
  if ((params.text('starttm') ?? '0') !== '0') throw invalidArguments('starttm');
  if ((params.text('trigger') ?? 'last') !== 'last') throw invalidArguments('Index unavailable');
}

function readSide(params: Params): Side {
  const text = params.required('type');
  if (text === 'buy' || text === 'sell') return text;
  throw invalidArguments('type');
}

function readType(params: Params): OrderType {
  const text = params.required('ordertype');
  const type = orderTypes.find((name) => name === text);
  if (type === undefined) throw invalidArguments('ordertype');
  return type;
}

/** The order's flags, the one for the fee always among them: it comes in the quote currency unless asked otherwise. */
function readFlags(params: Params, { type, side }: { type: OrderType; side: Side }): ReadonlySet<string> {
  const flags = new Set(params.list('oflags'));
  for (const flag of flags) if (!knownFlags.includes(flag)) throw invalidArguments('oflags');
  if (flags.has('fcib') && flags.has('fciq')) throw invalidArguments('oflags');
  if (flags.has('post') && type !== 'limit') throw invalidArguments('oflags');
  if (flags.has('viqc') && (type !== 'market' || side !== 'buy')) throw invalidArguments('viqc');
  return flags.has('fcib') ? flags : flags.add('fciq');
}

function readVolume(params: Params, spec: PairSpec, isCost: boolean): Decimal {
  params.required('volume');
  const volume = params.decimal('volume') ?? zero;
  const decimals = isCost ? spec.costDecimals : lotDecimals;
  if (volume.lte(zero) || !volume.round(decimals, 0).eq(volume)) throw invalidArguments('volume');
  return volume;
}

/** The limit price, and what a stop waits for: with a trigger `price` is the trigger's and `price2` the limit. */
function readPrices(
  params: Params,
  { spec, type, side }: { spec: PairSpec; type: OrderType; side: Side },
): { price: Decimal | undefined; trigger: Trigger | undefined } {
  if (type === 'market') return { price: undefined, trigger: undefined };
  const first = readPrice(params, 'price', spec);
  if (type === 'limit') return { price: first, trigger: undefined };
  const risesToFire = type.startsWith('stop-loss') === (side === 'buy');
  const trigger: Trigger = { price: first, when: risesToFire ? 'at-or-above' : 'at-or-below' };
  return { price: type.endsWith('-limit') ? readPrice(params, 'price2', spec) : undefined, trigger };
}

/** @throws KrakenError when it is missing, relative (`+5`, `#5`, `5%`) or has too many decimals. */
export function readPrice(params: Params, name: string, spec: PairSpec): Decimal {
  if (!/^[\d.]+$/.test(params.required(name))) throw invalidPrice('Invalid price argument');
  const price = params.decimal(name) ?? zero;
  if (price.lte(zero)) throw invalidPrice('Invalid price argument');
  if (!price.round(spec.priceDecimals, 0).eq(price)) {
    throw invalidPrice(`${spec.wsname} price can only be specified up to ${spec.priceDecimals} decimals.`);
  }
  return price;
}
