/** Take-profit and stop-loss as requests spell them, attached to an order or set on a position. */
import { type Decimal, zero } from '../engine/decimal.ts';
import type { ExitRule, Exits, Side } from '../engine/types.ts';
import type { SymbolSpec } from './catalog.ts';
import { BybitError, invalidParameter } from './errors.ts';
import { checkPrice } from './filters.ts';
import type { Params } from './params.ts';

export interface ExitContext {
  readonly spec: SymbolSpec;
  /** Of the position to be left. */
  readonly side: Side;
  /** What a take-profit must lie beyond and a stop-loss before. */
  readonly basePrice: Decimal;
}

const kinds = {
  takeProfit: { label: 'TakeProfit', by: 'tpTriggerBy', type: 'tpOrderType', limitPrice: 'tpLimitPrice' },
  stopLoss: { label: 'StopLoss', by: 'slTriggerBy', type: 'slOrderType', limitPrice: 'slLimitPrice' },
} as const;
type ExitName = keyof typeof kinds;

/** `undefined` when a request names neither. @throws BybitError 10001 */
export function readExits(params: Params, context: ExitContext): Exits | undefined {
  const takeProfit = readRule(params, 'takeProfit', context);
  const stopLoss = readRule(params, 'stopLoss', context);
  if (takeProfit === undefined && stopLoss === undefined) return undefined;
  const partial = isPartial(params) || context.spec.category === 'spot';
  if (!partial && (takeProfit?.price ?? stopLoss?.price) !== undefined) {
    throw invalidParameter('tpslMode Full takes market orders only');
  }
  return {
    ...(takeProfit !== undefined && { takeProfit }),
    ...(stopLoss !== undefined && { stopLoss }),
    scope: partial ? 'fill' : 'position',
  };
}

/** @throws BybitError 10001 */
export function isPartial(params: Params): boolean {
  return params.oneOf('tpslMode', ['Full', 'Partial'] as const) === 'Partial';
}

function readRule(params: Params, name: ExitName, context: ExitContext): ExitRule | undefined {
  const price = params.decimal(name);
  if (price === undefined || price.eq(zero)) return undefined;
  const { spec, side, basePrice } = context;
  const { label, by, type, limitPrice } = kinds[name];
  checkPrice(spec, price);
  const above = (name === 'takeProfit') === (side === 'buy');
  if (above ? price.lte(basePrice) : price.gte(basePrice)) {
    const position = side === 'buy' ? 'Buy' : 'Sell';
    const relation = above ? 'higher' : 'lower';
    const base = basePrice.toFixed();
    throw new BybitError(
      10001,
      `${label}:${price.toFixed()} of a ${position} position must be ${relation} than ${base}`,
    );
  }
  const limit = params.oneOf(type, ['Market', 'Limit'] as const) === 'Limit' ? params.decimal(limitPrice) : undefined;
  if (limit !== undefined) checkPrice(spec, limit);
  const when = above ? 'at-or-above' : 'at-or-below';
  return {
    trigger: { price, when, by: readTriggerBy(params, by) },
    ...(limit !== undefined && { price: limit }),
  };
}

/** The index price is the mark price here. */
export function readTriggerBy(params: Params, name: string): 'last' | 'mark' {
  return (params.oneOf(name, ['LastPrice', 'MarkPrice', 'IndexPrice'] as const) ?? 'LastPrice') === 'LastPrice'
    ? 'last'
    : 'mark';
}
