/** What came in and went out on chains, as Bybit lists it. */
import { createHash } from 'node:crypto';
import type { Transfer, TransferStatus } from '../engine/transfers.ts';
import { type AccountCall, pageOf, type Route } from './context.ts';
import { invalidParameter } from './errors.ts';

/** As ccxt paces them. */
const reads = { method: 'GET', access: 'private', permission: 'read', perSecond: 5 } as const;

export const transferRoutes: readonly Route[] = [
  { ...reads, path: '/v5/asset/deposit/query-record', handle: deposits },
  { ...reads, path: '/v5/asset/withdraw/query-record', handle: withdrawals },
];

const rangeDaysMax = 30;
const rangeMs = rangeDaysMax * 86_400_000;
const firstId = 131_629_000;

/** https://bybit-exchange.github.io/docs/v5/enum#depositstatus: 1 is to be confirmed, 3 success, 4 failed. */
const depositStatuses: Readonly<Record<TransferStatus, number>> = { pending: 1, done: 3, failed: 4 };
/** https://bybit-exchange.github.io/docs/v5/enum#withdrawstatus */
const withdrawalStatuses: Readonly<Record<TransferStatus, string>> = {
  pending: 'Pending',
  done: 'success',
  failed: 'Fail',
};

function deposits(call: AccountCall) {
  const txId = call.params.text('txID');
  const rows = listed(call, 'in').map(depositView);
  return rowsOf(
    call,
    rows.filter((row) => (txId ?? row.txID) === row.txID),
  );
}

function withdrawals(call: AccountCall) {
  const { params } = call;
  const [withdrawId, txId] = [params.text('withdrawID'), params.text('txID')];
  // 1 asks for transfers within Bybit, of which there are none here.
  const rows = params.text('withdrawType') === '1' ? [] : listed(call, 'out').map(withdrawalView);
  return rowsOf(
    call,
    rows.filter((row) => (txId ?? row.txID) === row.txID && (withdrawId ?? row.withdrawId) === row.withdrawId),
  );
}

function rowsOf(call: AccountCall, rows: readonly unknown[]) {
  const page = pageOf(rows, call.params, { standard: 50, max: 50 });
  return { rows: page.list, nextPageCursor: page.nextPageCursor };
}

/** Newest first, of thirty days at most; by default the last ones. @throws BybitError 10001 */
function listed({ venue, account, params, nowMs }: AccountCall, direction: Transfer['direction']) {
  const [start, end, coin] = [params.integer('startTime'), params.integer('endTime'), params.text('coin')];
  const startMs = start ?? (end ?? nowMs) - rangeMs;
  const endMs = end ?? Math.max(startMs + rangeMs, nowMs);
  if (start !== undefined && end !== undefined && (end < start || end - start > rangeMs)) {
    throw invalidParameter(`endTime - startTime must be at most ${rangeDaysMax} days`);
  }
  return venue.market.engine.transfers
    .of(account.id)
    .filter(
      (transfer) =>
        transfer.direction === direction &&
        (coin ?? transfer.asset) === transfer.asset &&
        Math.floor(transfer.atMs) >= startMs &&
        Math.floor(transfer.atMs) <= endMs,
    )
    .reverse();
}

function depositView(transfer: Readonly<Transfer>) {
  const { id, asset, amount, status, updatedAtMs } = transfer;
  return {
    id: String(firstId + id),
    coin: asset,
    chain: asset,
    amount: amount.toFixed(),
    txID: hashOf('deposit', transfer),
    status: depositStatuses[status],
    toAddress: hashOf('address', transfer).slice(0, 40),
    tag: '',
    depositFee: '',
    successAt: String(Math.floor(updatedAtMs)),
    confirmations: status === 'pending' ? '0' : '12',
    txIndex: '0',
    blockHash: hashOf('block', transfer),
    batchReleaseLimit: '-1',
    depositType: '0',
    ...{ fromAddress: '', taxDepositRecordsId: '', taxStatus: '' },
  };
}

function withdrawalView(transfer: Readonly<Transfer>) {
  const { id, asset, amount, fee, status, atMs, updatedAtMs } = transfer;
  return {
    coin: asset,
    chain: asset,
    amount: amount.toFixed(),
    txID: status === 'done' ? hashOf('chain', transfer) : '',
    status: withdrawalStatuses[status],
    toAddress: hashOf('address', transfer).slice(0, 40),
    tag: '',
    withdrawFee: fee.toFixed(),
    createTime: String(Math.floor(atMs)),
    updateTime: String(Math.floor(updatedAtMs)),
    withdrawId: String(firstId + id),
    withdrawType: 0,
    ...{ fee: '', tax: '', taxRate: '', taxType: '' },
  };
}

function hashOf(what: string, { accountId, id }: Readonly<Transfer>): string {
  return createHash('sha256').update(`${what}/${accountId}/${id}`).digest('hex');
}
