/** The account: wallet, settings, fees, transactions, and the key itself. */
import { type Permission, userIdOf } from './accounts.ts';
import { type AccountCall, pageOf, type Route, requiredCategory } from './context.ts';
import { invalidParameter, mistake } from './errors.ts';
import { transactionLog } from './transaction-log.ts';
import { walletView } from './wallet.ts';

const reads = { method: 'GET', access: 'private', permission: 'read', perSecond: 50 } as const;

export const accountRoutes: readonly Route[] = [
  { ...reads, path: '/v5/account/wallet-balance', handle: walletBalance },
  { ...reads, path: '/v5/account/info', handle: accountInfo },
  { ...reads, path: '/v5/account/fee-rate', perSecond: [5, 10], handle: feeRates },
  { ...reads, path: '/v5/account/transaction-log', perSecond: 30, handle: transactions },
  { ...reads, path: '/v5/user/query-api', perSecond: 10, handle: queryKey },
  {
    ...{ method: 'POST', access: 'private', permission: 'trade', perSecond: 5 },
    path: '/v5/account/set-margin-mode',
    handle: setMarginMode,
  },
];

const dayMs = 86_400_000;
const keyCreatedAtMs = Date.UTC(2026, 0, 15);
/** Keys without bound addresses expire after this long. */
const unboundKeyDays = 90;

function walletBalance({ venue, account, params }: AccountCall) {
  const type = params.required('accountType');
  if (type !== 'UNIFIED') throw invalidParameter('accountType only support UNIFIED.');
  return { list: [walletView(venue, account.id, params.text('coin')?.split(','))] };
}

function accountInfo({ venue, account }: AccountCall) {
  const isolated = venue.market.engine.positions.settings.isIsolated(account.id);
  return {
    marginMode: isolated ? 'ISOLATED_MARGIN' : 'REGULAR_MARGIN',
    updatedTime: String(keyCreatedAtMs),
    // 5 is the unified account 2.0.
    unifiedMarginStatus: 5,
    dcpStatus: 'OFF',
    timeWindow: 0,
    smpGroup: 0,
    isMasterTrader: false,
    spotHedgingStatus: 'OFF',
  };
}

function setMarginMode({ venue, account, params }: AccountCall) {
  const mode = params.oneOf('setMarginMode', ['ISOLATED_MARGIN', 'REGULAR_MARGIN'] as const);
  if (mode === undefined) throw invalidParameter('setMarginMode is required');
  venue.market.engine.perpetuals.setMode(account.id, undefined, { isolated: mode === 'ISOLATED_MARGIN' });
  return { reasons: [] };
}

function feeRates({ venue, params }: AccountCall) {
  const category = params.text('category') === undefined ? 'linear' : requiredCategory(params);
  const symbol = params.text('symbol');
  const specs = category === 'spot' || category === 'linear' ? venue.catalog.list(category) : [];
  const listed = symbol === undefined ? specs : specs.filter((spec) => spec.symbol === symbol);
  if (symbol !== undefined && listed.length === 0) throw mistake('invalidSymbol', 'linear');
  return {
    category,
    list: listed.map((spec) => ({
      symbol: spec.symbol,
      baseCoin: '',
      takerFeeRate: spec.fees.taker.toFixed(),
      makerFeeRate: spec.fees.maker.toFixed(),
    })),
  };
}

/** Of one day unless a range of at most seven is asked for. @throws BybitError 10001 */
function transactions(call: AccountCall) {
  const { venue, account, params } = call;
  const [start, end] = [params.integer('startTime'), params.integer('endTime')];
  const startMs = start ?? (end ?? call.nowMs) - dayMs;
  const endMs = end ?? (start === undefined ? Number.POSITIVE_INFINITY : start + dayMs);
  if (start !== undefined && end !== undefined && end - start > 7 * dayMs) {
    throw invalidParameter('endTime - startTime must be at most 7 days');
  }
  const wanted = { currency: params.text('currency'), type: params.text('type'), category: params.text('category') };
  const log = transactionLog(venue, account.id).filter(
    ({ entry }) =>
      Math.floor(entry.atMs) >= startMs &&
      Math.floor(entry.atMs) <= endMs &&
      (wanted.currency ?? entry.currency) === entry.currency &&
      (wanted.type ?? entry.type) === entry.type &&
      (wanted.category ?? entry.category) === entry.category,
  );
  const page = pageOf(log, params, { standard: 20, max: 50 });
  return { list: page.list.map(({ view }) => view), nextPageCursor: page.nextPageCursor };
}

function queryKey({ account, nowMs }: AccountCall) {
  const may = (permission: Permission, words: string[]) => (account.permissions.has(permission) ? words : []);
  const bound = account.allowedAddresses;
  const expiresAtMs = nowMs + unboundKeyDays * dayMs;
  return {
    id: String(userIdOf(account)),
    note: account.id,
    apiKey: account.apiKey,
    readOnly: account.permissions.has('trade') || account.permissions.has('withdraw') ? 0 : 1,
    secret: '',
    permissions: {
      ContractTrade: may('trade', ['Order', 'Position']),
      Spot: may('trade', ['SpotTrade']),
      Wallet: [...may('transfer', ['AccountTransfer', 'SubMemberTransfer']), ...may('withdraw', ['Withdraw'])],
      Options: [],
      Derivatives: may('trade', ['DerivativesTrade']),
      ...{ CopyTrading: [], BlockTrade: [], Exchange: [], NFT: [], Affiliate: [], Earn: [] },
    },
    ips: bound ?? ['*'],
    type: 1,
    deadlineDay: bound === undefined ? unboundKeyDays : -2,
    expiredAt: bound === undefined ? isoSeconds(expiresAtMs) : '1970-01-01T00:00:00Z',
    createdAt: isoSeconds(keyCreatedAtMs),
    unified: 0,
    uta: 1,
    userID: userIdOf(account),
    inviterID: 0,
    vipLevel: 'No VIP',
    mktMakerLevel: '0',
    affiliateID: 0,
    rsaPublicKey: '',
    isMaster: true,
    parentUid: '0',
    kycLevel: 'LEVEL_1',
    kycRegion: '',
  };
}

function isoSeconds(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
