/** What a native signal asks for, in the desk's own types: sizes and prices are numbers that were checked, absent is absent. */
import {
  amount,
  amountFor,
  type ExitLevel,
  type ExitPlan,
  type IntentId,
  type Issue,
  type Market,
  type NativeSignal,
  notional,
  price,
  RequestError,
  type Signal,
  type SignalSize,
  type SourceConfig,
  type StopLoss,
  sizeOrder,
  type TakeProfit,
  type Trail,
} from '@nightdesk/core';

/** What of a signal does not depend on who sent it and when. */
export type SignalTerms = Omit<
  Signal,
  'signalId' | 'source' | 'accounts' | 'venue' | 'symbol' | 'expiresAtMs' | 'receivedAtMs'
>;

interface TermsContext {
  source: SourceConfig;
  /** Absent for a cancel in every market. */
  market: Market | undefined;
  receivedAtMs: number;
}

/** @throws RequestError naming the field that contradicts another one, or the time of receipt */
export function termsOf(signal: NativeSignal, { source, receivedAtMs }: TermsContext): SignalTerms {
  const { action, target, orderId, type, timeInForce, expireAt, reduceOnly, leverage, marginMode } = signal;
  const size = sizeOf(signal);
  const trail = trailOf(signal);
  const exitPlan = exitPlanOf(signal, source);
  if (expireAt !== undefined && expireAt.atMs <= receivedAtMs) throw invalid('expireAt', 'lies in the past');
  return {
    type,
    ...(action && { action }),
    ...(target && { target }),
    ...(orderId && { orderId: orderId as IntentId }),
    ...(size && { size }),
    ...(signal.price !== undefined && { price: price(signal.price) }),
    ...(signal.triggerPrice !== undefined && { triggerPrice: price(signal.triggerPrice) }),
    ...(trail && { trail }),
    ...(timeInForce && { timeInForce }),
    ...(expireAt && { goodTillMs: expireAt.atMs }),
    ...(signal.displaySize !== undefined && { displayAmount: amount(signal.displaySize) }),
    ...(reduceOnly === true && { reduceOnly }),
    ...(leverage !== undefined && { leverage: amount(leverage) }),
    ...(marginMode && { marginMode }),
    ...(exitPlan && { exitPlan }),
    ...(signal.confidence !== undefined && { confidence: signal.confidence }),
    ...(signal.comment && { comment: signal.comment }),
    ...(signal.sentAt && { sentAtMs: signal.sentAt.atMs }),
  };
}

/** Exactly one unit is given, which the native schema has checked. */
function sizeOf({ size }: NativeSignal): SignalSize | undefined {
  if (size === undefined) return undefined;
  const { base, quote, contracts, percentEquity, percentPosition, riskPercent } = size;
  if (base !== undefined) return { base: amount(base) };
  if (quote !== undefined) return { quote: notional(quote) };
  if (contracts !== undefined) return { contracts: amount(contracts) };
  if (percentEquity !== undefined) return { percentEquity: amount(percentEquity) };
  if (percentPosition !== undefined) return { percentPosition: amount(percentPosition) };
  return riskPercent === undefined ? undefined : { riskPercent: amount(riskPercent) };
}

interface TrailFields {
  trailPercent?: string | undefined;
  trailAmount?: string | undefined;
}

function trailOf({ trailPercent, trailAmount }: TrailFields): Trail | undefined {
  if (trailPercent !== undefined) return { percent: amount(trailPercent) };
  return trailAmount === undefined ? undefined : { distance: price(trailAmount) };
}

function exitPlanOf({ takeProfit, stopLoss }: NativeSignal, source: SourceConfig): ExitPlan | undefined {
  if (takeProfit === undefined && stopLoss === undefined) return undefined;
  const targets = takeProfit ?? [];
  return {
    takeProfits: targets.map((target) => targetOf(target, evenPortion(targets.length))),
    ...(stopLoss && { stopLoss: stopLossOf(stopLoss) }),
    onFailure: source.onProtectionFailure,
  };
}

/** Cut, so that all of them together are never more than the position. */
const evenPortion = (targets: number): string => amountFor(notional('1'), price(String(targets)));

function targetOf(target: NonNullable<NativeSignal['takeProfit']>[number], portion: string): TakeProfit {
  const level = levelOf(target);
  // One of the two is always there.
  if (level === undefined) throw invalid('takeProfit', 'must hold percent or price');
  return { level, portion: target.portion === undefined ? portion : amount(target.portion) };
}

function stopLossOf(stop: NonNullable<NativeSignal['stopLoss']>): StopLoss {
  const level = levelOf(stop);
  const trail = trailOf(stop);
  return { ...(level && { level }), ...(trail && { trail }), ...(stop.breakEven === true && { breakEven: true }) };
}

interface LevelFields {
  percent?: string | undefined;
  price?: string | undefined;
}

function levelOf(given: LevelFields): ExitLevel | undefined {
  if (given.percent !== undefined) return { percent: amount(given.percent) };
  return given.price === undefined ? undefined : { price: price(given.price) };
}

/** What can be told without a price, a position or the account's equity: the rest is found out when the order is planned. */
export function refuseUnplaceable(terms: SignalTerms, market: Market): void {
  const { action, size, price: limitPrice, target, leverage, marginMode } = terms;
  if (market.kind === 'spot') {
    if (target === 'short') throw unsupported('target', `${market.symbol} is spot, which cannot be sold short`);
    if (leverage !== undefined) throw unsupported('leverage', `${market.symbol} is spot, which has none`);
    if (marginMode !== undefined) throw unsupported('marginMode', `${market.symbol} is spot, which has none`);
  }
  if ((action !== 'buy' && action !== 'sell') || size === undefined) return;
  if (!('base' in size) && !('quote' in size)) return;
  const sized = sizeOrder({ side: action, size, ...(limitPrice && { limitPrice }) }, market);
  if (sized.kind === 'refused') throw invalid(sized.field, sized.message);
}

function invalid(path: string, message: string): RequestError {
  const issue: Issue = { path, message };
  return new RequestError('invalid_signal', `${path} ${message}`, [issue]);
}

const unsupported = (path: string, message: string): RequestError =>
  new RequestError('unsupported', message, [{ path, message }]);
