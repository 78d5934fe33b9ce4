/** ccxt's trades, transfers and funding of an account in Nightdesk's words. */
import {
  absolute,
  amount,
  type FundingPayment,
  isNegative,
  isPositive,
  type Market,
  type OwnTrade,
  subtract,
  type Transfer,
  type VenueOrderId,
  zeroAmount,
} from '@nightdesk/core';
import { fromContracts } from './contract-amounts.ts';
import { type Fields, present, UnparsableAnswerError } from './fields.ts';
import { feeOf } from './map-order.ts';

/** @throws UnparsableAnswerError when anything of it is missing but fee and our id: a trade that is left out is a hole. */
export function mapOwnTrade(trade: Fields, market: Market): OwnTrade {
  return {
    tradeId: trade.text('id'),
    symbol: market.symbol,
    side: trade.word('side', ['buy', 'sell']),
    amount: fromContracts(trade.quantity('amount'), market),
    price: trade.price('price'),
    ...present({ fee: feeOf(trade), clientOrderId: trade.optionalText('clientOrderId') }),
    venueOrderId: trade.text('order') as VenueOrderId,
    atMs: trade.timeMs('timestamp'),
  };
}

/** https://docs.ccxt.com/#/?id=transaction-structure; what is no word of ccxt's may have changed the balance. */
const statuses: Readonly<Record<string, Transfer['status']>> = {
  ok: 'done',
  failed: 'failed',
  canceled: 'failed',
  rejected: 'failed',
};

/** A deposit or withdrawal. @throws UnparsableAnswerError when its asset or amount is missing, or a number makes no sense */
export function mapTransaction(transaction: Fields, direction: Transfer['direction']): Transfer {
  const asset = transaction.text('currency');
  const fee = transaction.optionalFields('fee');
  const paid = fee?.optionalQuantity('cost');
  const isPaidBeside = paid !== undefined && isPositive(paid) && (fee?.optionalText('currency') ?? asset) === asset;
  return {
    id: idOf(transaction),
    ...{ direction, asset, amount: amount(transaction.quantity('amount')) },
    ...(isPaidBeside && { fee: amount(paid) }),
    atMs: transaction.timeMs('timestamp'),
    status: statuses[transaction.optionalText('status') ?? ''] ?? 'pending',
  };
}

/**
 * A move between purses of the owner's, `undefined` where it does not touch the account.
 *
 * @throws UnparsableAnswerError as `mapTransaction`
 */
export function mapMove(move: Fields, account: string): Transfer | undefined {
  const isIn = move.optionalText('toAccount') === account;
  if (isIn === (move.optionalText('fromAccount') === account)) return undefined;
  const status = move.optionalText('status');
  return {
    ...mapTransaction(move, isIn ? 'in' : 'out'),
    // What has no state is a bill: it has happened.
    status: status === undefined ? 'done' : (statuses[status] ?? 'pending'),
  };
}

/** An entry of a ledger, which has happened. @param change the venue's own field that tells by how much, with its sign */
export function mapLedgerEntry(entry: Fields, change: string): Transfer {
  const by = amount(entry.fields('info').decimal(change));
  return {
    id: idOf(entry),
    direction: isNegative(by) ? 'out' : 'in',
    asset: entry.text('currency'),
    amount: absolute(by),
    atMs: entry.timeMs('timestamp'),
    status: 'done',
  };
}

function idOf(entry: Fields): string {
  const id = entry.optionalText('id') ?? entry.optionalText('txid');
  if (id === undefined) throw new UnparsableAnswerError('entry', 'id', 'nothing');
  return id;
}

/**
 * Funding is paid in what the contract is settled in, which ccxt does not always name rightly.
 *
 * @throws UnparsableAnswerError when anything of it is missing, or a number makes no sense
 */
export function mapFundingPayment(entry: Fields, market: Market, paidIsPositive: boolean): FundingPayment {
  const told = amount(entry.decimal('amount'));
  return {
    id: entry.text('id'),
    symbol: market.symbol,
    asset: market.settle ?? market.quote,
    amount: paidIsPositive ? subtract(zeroAmount, told) : told,
    atMs: entry.timeMs('timestamp'),
  };
}
