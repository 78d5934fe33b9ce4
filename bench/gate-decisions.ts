/** Orders, rows and figures that the gate decides on in a measure. Pure; everything passes. */
import {
  type AccountId,
  type AccountLimits,
  amount,
  configSchemas,
  counterNames,
  type GateContext,
  type GateLimits,
  grant,
  type Intent,
  type IntentId,
  judgeIntent,
  notional,
  price,
  type RiskRows,
  type RiskState,
  type RowClaim,
  type SignalId,
  type SourceId,
  type VenueId,
} from '@nightdesk/core';
import {
  everyDeskLimit,
  everyLimit,
  everySourceLimit,
  fewDeskLimits,
  fewLimits,
  type LimitStyle,
} from './gate-limits.ts';

/** `few` are the limits that every risk.yaml has. */
export type LimitSet = 'few' | LimitStyle;

const nowMs = 1_760_000_000_000;
const account = 'main' as AccountId;
const venue = 'binance' as VenueId;
const source = 'demo' as SourceId;
const equity = notional('1000000000');
const minuteMs = 60_000;

/** The `index`th of orders that differ in worth and price, as those of a desk do. */
export function intentOf(index: number): Intent {
  const worth = notional(`${80 + (index % 40)}.${10 + (index % 89)}`);
  return {
    ...{ orderId: `nd${index}` as IntentId, signalId: `sg${index}` as SignalId, source, account, venue },
    ...{ symbol: 'BTC/USDT', side: 'buy', type: 'limit', amount: amount('0.00123'), receivedAtMs: nowMs },
    ...{ price: price(`${65_000 + index}.5`), leverage: '1', reserved: worth },
    exposure: { mode: 'sandbox', asset: 'BTC', notional: worth },
  };
}

export function contextOf(limits: LimitSet): GateContext {
  const ticker = { bid: price('65010.12'), ask: price('65010.13'), atMs: nowMs - 200 };
  return { limits: limitsOf(limits), market: { ticker, askedAtMs: nowMs - 250 }, nowMs };
}

/** Through the schema, which gives the limits of risk.yaml their types and defaults. */
function limitsOf(limits: LimitSet): GateLimits {
  if (limits === 'few') {
    const { default: own, desk } = configSchemas.risk.parse({ desk: fewDeskLimits, default: fewLimits });
    return { account: own, desk };
  }
  const {
    default: own,
    desk,
    sources,
  } = configSchemas.risk.parse({
    ...{ desk: everyDeskLimit(limits), default: everyLimit(limits), sources: { [source]: everySourceLimit } },
  });
  return { account: own satisfies AccountLimits, desk, source: sources[source] };
}

/** As they are on a desk that is trading: every counter counts something. */
export function rowsOf(): RiskRows & { account: RiskState; all: RiskState } {
  const row = {
    ...{ state: 'active' as const, reason: 'measured', by: 'admin', figuresVersion: 41, version: 3, journalHash: '' },
    ...{ updatedAtMs: nowMs, reserved: notional('5021.17') },
  };
  const minute = { minute: Math.floor(nowMs / minuteMs), orders: 7 };
  const own = {
    [counterNames.orders]: '12',
    [counterNames.exposure]: '120345.67',
    [counterNames.asset('BTC')]: '98765.43',
  };
  const desk = {
    [counterNames.deskExposure('sandbox')]: '1203450.67',
    [counterNames.deskVenue('sandbox', venue)]: '903450.67',
    [counterNames.deskAsset('sandbox', 'BTC')]: '598765.43',
  };
  const figures = { atMs: nowMs - 20_000, equity, dailyLoss: notional('1200.5'), drawdown: notional('40100.25') };
  return {
    account: { ...row, account, counters: own, minute, figures },
    all: { ...row, account: '*', counters: desk, deskFigures: { sandbox: { atMs: nowMs - 30_000, equity } } },
    source: { minute },
  };
}

/** What an order claims. @throws Error when it is denied: a refusal is told sooner, and would look fast */
export function claimsOf(intent: Intent, context: GateContext, rows: RiskRows): readonly RowClaim[] {
  const judgement = judgeIntent(intent, context, rows);
  if (judgement.kind === 'denied') throw new Error(`the gate denied a measured order: ${judgement.denial.message}`);
  return judgement.claims;
}

/** Grants the claims on the rows with a switch, as the table would. @throws Error when one is not granted */
export function grantAll(claims: readonly RowClaim[], rows: { account: RiskState; all: RiskState }): void {
  for (const claim of claims) {
    const row = claim.row === '*' ? rows.all : claim.row === rows.account.account ? rows.account : undefined;
    if (row !== undefined && grant(row, claim) === undefined) throw new Error(`${claim.row} did not grant its claim`);
  }
}
