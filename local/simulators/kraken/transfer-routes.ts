/** What came in and went out, as Kraken lists it. */
import { createHash } from 'node:crypto';
import { balanceDecimals } from '../engine/decimal.ts';
import type { Transfer, TransferStatus } from '../engine/transfers.ts';
import { namesOf } from './catalog.ts';
import type { AccountCall, PrivateRoute } from './context.ts';
import { invalidArguments, unknownAsset } from './errors.ts';
import { otherTxid } from './txid.ts';

/**
 * Permissions as https://docs.kraken.com/api-reference/funding/get-status-of-recent-deposits and
 * https://docs.kraken.com/api-reference/funding/get-status-of-recent-withdrawals have them.
 */
export const transferRoutes: readonly PrivateRoute[] = [
  { permissions: ['query-funds'], points: 1, name: 'DepositStatus', handle: deposits },
  { permissions: ['withdraw-funds', 'query-ledger'], points: 1, name: 'WithdrawStatus', handle: withdrawals },
];

const limitStandard = 500;

/** `Settled` has been received and waits for confirmations: https://support.kraken.com/articles/advanced-api-faq. */
const depositStatuses: Readonly<Record<TransferStatus, string>> = {
  pending: 'Settled',
  done: 'Success',
  failed: 'Failure',
};
const withdrawalStatuses: Readonly<Record<TransferStatus, string>> = { ...depositStatuses, pending: 'Pending' };

function deposits(call: AccountCall): unknown {
  const page = pageOf(call, 'in');
  const rows = page.transfers.map((transfer) => view(transfer, depositStatuses));
  return page.nextCursor === undefined ? rows : { deposit: rows, next_cursor: page.nextCursor };
}

function withdrawals(call: AccountCall): unknown {
  const page = pageOf(call, 'out');
  const rows = page.transfers.map((transfer) => ({ ...view(transfer, withdrawalStatuses), key: 'simulated address' }));
  return page.nextCursor === undefined ? rows : { withdrawals: rows, next_cursor: page.nextCursor };
}

interface TransferPage {
  readonly transfers: readonly Readonly<Transfer>[];
  /** Empty on the last page; absent where the request did not ask for pages. */
  readonly nextCursor: string | undefined;
}

/** Newest first. @throws KrakenError naming what is wrong with the range or the cursor */
function pageOf({ venue, account, params }: AccountCall, direction: Transfer['direction']): TransferPage {
  const startMs = Number(params.decimal('start')?.toFixed() ?? 0) * 1000;
  const endMs = Number(params.decimal('end')?.toFixed() ?? Number.POSITIVE_INFINITY) * 1000;
  const limit = params.integer('limit') ?? limitStandard;
  if (limit < 1) throw invalidArguments('limit');
  const name = params.text('asset');
  const asset = name === undefined ? undefined : venue.catalog.assetCode(name);
  if (name !== undefined && asset === undefined) throw unknownAsset();
  const found = venue.market.engine.transfers
    .of(account.id)
    .filter(
      (transfer) =>
        transfer.direction === direction &&
        (asset ?? transfer.asset) === transfer.asset &&
        Math.floor(transfer.atMs) >= startMs &&
        Math.floor(transfer.atMs) <= endMs,
    )
    .reverse();
  const begin = readCursor(params.text('cursor'));
  const transfers = found.slice(begin ?? 0, (begin ?? 0) + limit);
  const end = (begin ?? 0) + transfers.length;
  if (begin === undefined) return { transfers, nextCursor: undefined };
  return { transfers, nextCursor: end < found.length ? `from-${end}` : '' };
}

/** Where the page begins; `true` asks for the first one, and `false` or nothing for no pages. */
function readCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined || cursor === 'false') return undefined;
  if (cursor === 'true') return 0;
  const begin = /^from-(\d{1,9})$/.exec(cursor)?.[1];
  if (begin === undefined) throw invalidArguments('cursor');
  return Number(begin);
}

function view(transfer: Readonly<Transfer>, statuses: Readonly<Record<TransferStatus, string>>) {
  const { accountId, id, asset, amount, fee, status, atMs } = transfer;
  const names = namesOf(asset);
  const decimals = Math.max(names.decimals, balanceDecimals);
  const name = `${accountId}/${id}`;
  return {
    method: names.altname,
    aclass: 'currency',
    asset: names.id,
    refid: otherTxid('F', `transfer/${name}`),
    txid: createHash('sha256').update(`chain/${name}`).digest('hex'),
    info: createHash('sha256').update(`address/${name}`).digest('hex').slice(0, 34),
    amount: amount.toFixed(decimals),
    fee: fee.toFixed(decimals),
    // Whole seconds, as Kraken has them here and in no other history.
    time: Math.floor(atMs / 1000),
    status: statuses[status],
    network: names.altname,
  };
}
