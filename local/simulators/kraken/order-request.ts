/** Reads the parameters of a new order and turns them into what the matching engine understands. */
import { type Decimal, decimal, zero } from '../engine/decimal.ts';
import type { OrderRequest, Side, TimeInForce } from '../engine/types.ts';
import { lotDecimals, type PairSpec } from './catalog.ts';
import { invalidArguments, marginRefused } from './errors.ts';
import { readClientOrderId, readDeadline, readExpiry, readUserReference } from './order-fields.ts';
import { readPrices } from './order-prices.ts';
import type { Params } from './params.ts';

const orderTypes = [
  ...(['market', 'limit', 'iceberg', 'stop-loss', 'take-profit', 'stop-loss-limit'] as const),
  ...(['take-profit-limit', 'trailing-stop', 'trailing-stop-limit'] as const),
] as const;
export type OrderType = (typeof orderTypes)[number];

const timesInForce: Readonly<Record<string, TimeInForce>> = {
  GTC: 'good-till-canceled',
  IOC: 'immediate-or-cancel',
  FOK: 'fill-or-kill',
  // It rests until its time comes.
  GTD: 'good-till-canceled',
};

/** An iceberg shows at least one of so many parts. */
const displayedPartsMax = decimal('15');
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
  const displayQuantity = readDisplayed(params, type, amount);
  const timeInForce = params.text('timeinforce')?.toUpperCase() ?? 'GTC';
  const engineTime = timesInForce[timeInForce];
  if (engineTime === undefined || (flags.has('post') && engineTime !== 'good-till-canceled'))
    throw invalidArguments('timeinforce');
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
    execution: type === 'limit' || type === 'iceberg' || type.endsWith('-limit') ? 'limit' : 'market',
    timeInForce: engineTime,
    postOnly: flags.has('post'),
    feeFrom: feeIsGiven ? 'given' : 'received',
    ...(price && { price }),
    ...(flags.has('viqc') ? { quoteQuantity: amount } : { quantity: amount }),
    ...(trigger && { trigger }),
    ...(displayQuantity && { displayQuantity }),
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

/** Margin, scheduled and conditional orders: refused rather than traded as something else. */
function refuseWhatIsNotSimulated(params: Params): void {
  const leverage = params.text('leverage');
  if (leverage !== undefined && leverage !== 'none') throw marginRefused();
  if (params.flag('reduce_only')) throw invalidArguments('reduce_only');
  for (const name of ['close', 'close[ordertype]']) if (params.has(name)) throw invalidArguments(name);
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

/** The part that the book shows: at least a fifteenth of all. */
function readDisplayed(params: Params, type: OrderType, volume: Decimal): Decimal | undefined {
  const displayed = params.decimal('displayvol');
  if (displayed === undefined) {
    if (type === 'iceberg') throw invalidArguments('displayvol');
    return undefined;
  }
  if (type !== 'limit' && type !== 'iceberg') throw invalidArguments('displayvol');
  checkDisplayed(displayed, volume, 'displayvol');
  return displayed;
}

/** @throws KrakenError naming the field. */
export function checkDisplayed(displayed: Decimal, volume: Decimal, name: string): void {
  const isPart = displayed.gt(zero) && displayed.lte(volume) && displayed.times(displayedPartsMax).gte(volume);
  if (!isPart || !displayed.round(lotDecimals, 0).eq(displayed)) throw invalidArguments(name);
}
