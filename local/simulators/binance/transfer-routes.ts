/** What came in and went out, as Binance's wallet lists it. */
import { createHash } from 'node:crypto';
import { fixed } from '../engine/decimal.ts';
import type { Transfer, TransferStatus } from '../engine/transfers.ts';
import type { AccountCall, Route } from './context.ts';
import { intervalTooBig } from './errors.ts';

const dayMs = 24 * 3_600_000;
const spanDaysMax = 90;
const firstDepositId = 769_800_000_000_000_000n;
/** All coins are in the spot wallet here. */
const spotWallet = 0;

/** https://developers.binance.com/docs/wallet/capital/deposite-history: 7 is a wrong deposit, 6 credited but locked. */
const depositStatuses: Readonly<Record<TransferStatus, number>> = { pending: 0, done: 1, failed: 2 };
/** https://developers.binance.com/docs/wallet/capital/withdraw-history */
const withdrawalStatuses: Readonly<Record<TransferStatus, number>> = { pending: 4, done: 6, failed: 3 };

const read = { method: 'GET', security: 'signed', permission: 'read' } as const;

export const transferRoutes: readonly Route[] = [
  { ...read, path: '/sapi/v1/capital/deposit/hisrec', weight: 1, handle: deposits },
  // Counted per account and not per address.
  { ...read, path: '/sapi/v1/capital/withdraw/history', weight: 0, uidWeight: 18_000, handle: withdrawals },
];

function deposits(call: AccountCall): unknown {
  const txId = call.params.optional('txId');
  // Where a deposit came from is not known here, whoever asks for it.
  call.params.optional('includeSource');
  return pageOf(call, 'in', depositStatuses)
    .map(depositView)
    .filter((deposit) => txId === undefined || deposit.txId === txId);
}

function withdrawals(call: AccountCall): unknown {
  const ids = call.params.optional('idList')?.split(',');
  // Names that customers give their withdrawals, of which none has one here.
  if (call.params.optional('withdrawOrderId') !== undefined) return [];
  return pageOf(call, 'out', withdrawalStatuses)
    .map(withdrawalView)
    .filter(({ id }) => ids?.includes(id) !== false);
}

/** Newest first, of ninety days at most; by default the last ones. @throws BinanceError -1127 */
function pageOf(
  call: AccountCall,
  direction: Transfer['direction'],
  statuses: Readonly<Record<TransferStatus, number>>,
): readonly Readonly<Transfer>[] {
  const { params, nowMs, venue, account } = call;
  const [coin, status] = [params.optional('coin'), params.integer('status')];
  const [start, end] = [params.integer('startTime'), params.integer('endTime')];
  const offset = params.integer('offset') ?? 0;
  const limit = params.limit({ standard: 1000, max: 1000 });
  params.finish();
  const endMs = end ?? Math.max(nowMs, (start ?? 0) + spanDaysMax * dayMs);
  const startMs = start ?? Math.min(endMs, nowMs) - spanDaysMax * dayMs;
  if (start !== undefined && end !== undefined && end - start > spanDaysMax * dayMs) {
    throw intervalTooBig(spanDaysMax * 24);
  }
  return venue.market.engine.transfers
    .of(account.id)
    .filter(
      (transfer) =>
        transfer.direction === direction &&
        (coin ?? transfer.asset) === transfer.asset &&
        (status ?? statuses[transfer.status]) === statuses[transfer.status] &&
        Math.floor(transfer.atMs) >= startMs &&
        Math.floor(transfer.atMs) <= endMs,
    )
    .reverse()
    .slice(offset, offset + limit);
}

function depositView(transfer: Readonly<Transfer>) {
  const { id, amount, asset, status, atMs, updatedAtMs } = transfer;
  return {
    id: String(firstDepositId + BigInt(id)),
    amount: fixed(amount),
    coin: asset,
    network: asset,
    status: depositStatuses[status],
    address: hashOf('address', transfer).slice(0, 34),
    addressTag: '',
    txId: hashOf('deposit', transfer),
    insertTime: Math.floor(atMs),
    ...(status === 'done' && { completeTime: Math.floor(updatedAtMs) }),
    transferType: 0,
    confirmTimes: status === 'pending' ? '0/1' : '1/1',
    unlockConfirm: 0,
    walletType: spotWallet,
  };
}

function withdrawalView(transfer: Readonly<Transfer>) {
  const { amount, fee, asset, status, atMs, updatedAtMs } = transfer;
  return {
    id: hashOf('withdrawal', transfer).slice(0, 32),
    amount: fixed(amount),
    transactionFee: fixed(fee),
    coin: asset,
    status: withdrawalStatuses[status],
    address: hashOf('address', transfer).slice(0, 34),
    txId: status === 'done' ? hashOf('chain', transfer) : '',
    applyTime: utcSeconds(atMs),
    network: asset,
    transferType: 0,
    info: status === 'failed' ? 'The address is not valid. Please confirm with the recipient' : '',
    confirmNo: status === 'done' ? 1 : 0,
    walletType: spotWallet,
    txKey: '',
    ...(status === 'done' && { completeTime: utcSeconds(updatedAtMs) }),
  };
}

function hashOf(what: string, { accountId, id }: Readonly<Transfer>): string {
  return createHash('sha256').update(`${what}/${accountId}/${id}`).digest('hex');
}

/** Such as `2019-10-12 11:12:02`, which has no parts of a second. */
function utcSeconds(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 19).replace('T', ' ');
}
