/** What an intent is judged by beside the risk rows: asked for only where a limit wants to know. */
import type { AccountLimits } from '../config/risk-config.ts';
import type { AccountId } from '../ids.ts';
import { type Amount, compare, divideBy, type Notional, notional, type Price, price, scaleBy } from '../money.ts';
import type { Balance } from '../ports/account.ts';
import type { Market } from '../ports/market-data.ts';
import type { InsertOrderResult, IntentGate } from '../ports/stores.ts';
import type { ExecutionVenue } from '../ports/venue.ts';
import type { Denial } from '../risk/denials.ts';
import { type GateContext, judgeIntent } from '../risk/gate.ts';
import { needsMarket } from '../risk/market-check.ts';
import type { RiskRows } from '../risk/risk-state.ts';
import type { ExecutionPolicy, ExecutionPorts } from './execution-ports.ts';
import type { Intent } from './order.ts';
import type { PlannedOrder } from './plan-orders-types.ts';

/** What of a gate's context is asked for. */
export type GateFigures = Pick<GateContext, 'market' | 'fundsDenial'> & { rows?: RiskRows };

export interface GateSources {
  market: Market;
  venue: ExecutionVenue;
  policy: ExecutionPolicy;
  ports: Pick<ExecutionPorts, 'books' | 'clock'>;
}

/** What one unit of a market's quote currency is in the owner's, or why that cannot be told. */
export async function quoteRateOf(
  quote: string,
  policy: ExecutionPolicy,
  ports: GateSources['ports'],
): Promise<{ rate: string } | { denial: Denial }> {
  const { account } = policy.limits;
  if (account.quotes.includes(quote)) return { rate: '1' };
  const books = await ports.books.get(policy.account.id as AccountId);
  const deny = (why: string) => {
    const message = `the account's limits are in ${account.quotes.join(', ')}, and ${why}`;
    return { denial: { code: 'quote_without_limit' as const, message } };
  };
  const rate = books !== undefined && Object.hasOwn(books.rates, quote) ? books.rates[quote] : undefined;
  if (books === undefined || rate === undefined) return deny(`nothing tells what ${quote} is worth`);
  const ageSeconds = Math.floor((ports.clock.nowMs() - books.answeredAtMs) / 1_000);
  if (ageSeconds <= account.figuresAgeSecondsMax) return { rate };
  return deny(`what ${quote} is worth was found ${ageSeconds} s ago, above ${account.figuresAgeSecondsMax} s`);
}

/** @throws VenueError when the venue does not answer what a limit wants to know */
export async function askGateFigures(order: PlannedOrder, sources: GateSources): Promise<GateFigures> {
  const { market, venue, policy, ports } = sources;
  if (order.terms.reduceOnly === true) return {};
  const checksFunds = policy.limits.account.freeBalance === 'check';
  const [seen, fundsDenial] = await Promise.all([
    askMarket({ market, venue, policy }, ports),
    checksFunds ? askFunds(order, sources) : undefined,
  ]);
  return { ...seen, ...(fundsDenial !== undefined && { fundsDenial }) };
}

/** What the book shows, where the account's orders are measured by it. @throws VenueError when the venue does not answer */
export async function askMarket(
  { market, venue, policy }: Omit<GateSources, 'ports'>,
  { clock }: Pick<ExecutionPorts, 'clock'>,
): Promise<Pick<GateFigures, 'market'>> {
  if (!needsMarket(policy.limits.account)) return {};
  const askedAtMs = clock.nowMs();
  return { market: { ticker: await venue.fetchTicker(market), askedAtMs } };
}

/** What an order takes of the account: an asset, and how much of it. `marketPrice` is needed of `paidAtMarket`. */
export function fundsFor(order: PlannedOrder, market: Market, marketPrice?: Price): { asset: string; needed: string } {
  const { side, amount, notional: worth, leverage = '1' } = order;
  if (market.kind === 'spot') {
    return side === 'buy' ? { asset: market.quote, needed: worth } : { asset: market.base, needed: amount };
  }
  return { asset: market.settle ?? market.quote, needed: divideBy(marginWorth(order, market, marketPrice), leverage) };
}

/** Inverse contracts are paid for in what they are the price of, at the order's price where it has one. */
function marginWorth(
  { notional: worth, terms }: PlannedOrder,
  { contractType }: Market,
  marketPrice?: Price,
): Notional {
  const at = terms.price ?? terms.triggerPrice ?? marketPrice;
  return contractType === 'inverse' && at !== undefined ? divideBy(worth, at) : worth;
}

/** True where only the market tells what an order takes. */
const paidAtMarket = ({ terms: { price: limit, triggerPrice } }: PlannedOrder, { contractType }: Market): boolean =>
  contractType === 'inverse' && limit === undefined && triggerPrice === undefined;

/** Books that show enough are believed; those that do not may be old, so the venue is asked. */
async function askFunds(order: PlannedOrder, sources: GateSources): Promise<Denial | undefined> {
  const { market, venue, policy, ports } = sources;
  const marketPrice = paidAtMarket(order, market) ? await venue.fetchPrice(market, order.side) : undefined;
  const { asset, needed } = fundsFor(order, market, marketPrice);
  const books = await ports.books.get(policy.account.id as AccountId);
  const isFresh = books !== undefined && ports.clock.nowMs() - books.answeredAtMs <= ageMsMax(policy.limits.account);
  // What lies in another purse does not pay for this order.
  const wallet = venue.wallets.find(({ kinds }) => kinds.includes(market.kind))?.name;
  const kept = isFresh ? books.balances.find((each) => each.asset === asset && each.wallet === wallet) : undefined;
  if (kept !== undefined && covers(kept, needed)) return undefined;
  const [balance] = (await venue.fetchBalances(market.kind)).filter((each) => each.asset === asset);
  if (balance === undefined)
    return { code: 'free_balance', message: `the order takes ${needed} ${asset}, and there is none` };
  if (covers(balance, needed)) return undefined;
  const free = balance.free === undefined ? 'the exchange does not tell what is free' : `${balance.free} is free`;
  return { code: 'free_balance', message: `the order takes ${needed} ${asset}, and ${free}` };
}

const ageMsMax = ({ figuresAgeSecondsMax }: AccountLimits): number => figuresAgeSecondsMax * 1_000;

const covers = ({ free }: Balance, needed: string): boolean =>
  free !== undefined && compare(free as Amount, needed) >= 0;

/** A worth in quote currency in the owner's. */
export const inOwnersCurrency = (worth: Notional, rate: string): Notional => notional(scaleBy(worth, price(rate)));

/** How an intent is judged, by what was asked for it and the rows as they are when it is recorded. */
export function gateOf(
  intent: Intent,
  { policy, figures = {} }: { policy: Pick<ExecutionPolicy, 'limits'>; figures?: GateFigures },
  ports: Pick<ExecutionPorts, 'clock'>,
): IntentGate {
  const { rows, ...asked } = figures;
  return {
    judge: (read) => judgeIntent(intent, { limits: policy.limits, ...asked, nowMs: ports.clock.nowMs() }, read),
    ...(rows !== undefined && { rows }),
    usesSource: policy.limits.source?.ordersPerMinuteMax !== undefined,
  };
}

/** Records the intent. The switch of an account that cannot lose money is created `active` on first use. */
export async function insertIntent(
  intent: Intent,
  { policy, figures = {} }: { policy: ExecutionPolicy; figures?: GateFigures },
  ports: Pick<ExecutionPorts, 'orders' | 'risk' | 'clock'>,
): Promise<InsertOrderResult> {
  const record = (known: GateFigures) =>
    ports.orders.insertIntent(
      { type: 'order.intended', atMs: ports.clock.nowMs(), intent },
      gateOf(intent, { policy, figures: known }, ports),
    );
  const result = await record(figures);
  const unset = result.kind === 'denied' && result.denial.code === 'switch_not_set';
  if (!unset || policy.account.mode === 'live') return result;
  const nowMs = ports.clock.nowMs();
  await Promise.all([ports.risk.ensure('*', nowMs), ports.risk.ensure(policy.account.id, nowMs)]);
  const { rows: _before, ...asked } = figures;
  return record(asked);
}
