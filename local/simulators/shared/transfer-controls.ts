/** `/__sim/transfers`: coins that customers bring in and take out, which no venue's trading API does. */
import { z } from 'zod';
import { type Decimal, decimal, fixed } from '../engine/decimal.ts';
import type { SeededVenue } from '../engine/seeded-venue.ts';
import type { Transfer, TransferRequest } from '../engine/transfers.ts';
import type { AccountDirectory } from './accounts.ts';
import { type ControlAnswer, type ControlInput, decimalText, issuesOf, ok, problem } from './control-answer.ts';

/** What these calls need to know of a venue. */
export interface TransferringVenue {
  readonly market: SeededVenue;
  readonly accounts: AccountDirectory<string>;
}

const nothing = /^0+(\.0+)?$/;
const amountText = decimalText.refine((text) => !nothing.test(text), 'must be above 0');

const newTransferSchema = z
  .strictObject({
    account: z.string(),
    direction: z.enum(['in', 'out']),
    asset: z.string().min(1),
    amount: amountText,
    /** Taken off beside the amount. */
    fee: decimalText.default('0'),
    status: z.enum(['done', 'pending']).default('done'),
  })
  .refine(({ direction, fee }) => direction === 'out' || nothing.test(fee), {
    path: ['fee'],
    message: 'is only for transfers out',
  });

const endedTransferSchema = z.strictObject({ id: z.number().int().positive(), status: z.enum(['done', 'failed']) });

/** Deposits or withdraws; what is pending is ended by `endTransfer`. */
export function addTransfer(venue: TransferringVenue, { body }: ControlInput): ControlAnswer {
  const input = newTransferSchema.safeParse(body);
  if (!input.success) return problem(400, issuesOf(input.error));
  const { account, amount, fee, ...terms } = input.data;
  const begun = transfer(venue, { ...terms, accountId: account, amount: decimal(amount), fee: decimal(fee) });
  return 'problem' in begun ? begun.problem : ok({ transfer: reportOf(begun.transfer) });
}

export function endTransfer({ market }: TransferringVenue, { body }: ControlInput): ControlAnswer {
  const input = endedTransferSchema.safeParse(body);
  if (!input.success) return problem(400, issuesOf(input.error));
  const { id, status } = input.data;
  const { transfers } = market.engine;
  if (transfers.byId(id)?.status !== 'pending') return problem(409, [{ field: 'id', message: 'is not pending' }]);
  return ok({ transfer: reportOf(transfers.settle(id, status)) });
}

export function listTransfers({ market, accounts }: TransferringVenue, { query }: ControlInput): ControlAnswer {
  const name = query.get('account');
  const transfers = accounts
    .all()
    .filter(({ id }) => name === null || id === name)
    .flatMap(({ id }) => market.engine.transfers.of(id));
  return ok({ transfers: transfers.map(reportOf) });
}

/** Carries a transfer out, or says what is wrong with it. */
export function transfer(
  { market, accounts }: TransferringVenue,
  request: TransferRequest,
): { transfer: Readonly<Transfer> } | { problem: ControlAnswer } {
  const { accountId, asset, direction } = request;
  const { ledger, transfers } = market.engine;
  if (accounts.byId(accountId) === undefined) {
    return { problem: problem(400, [{ field: 'account', message: `no account "${accountId}"` }]) };
  }
  if (direction === 'out' && ledger.free(accountId, asset).lt(takenBy(request))) {
    return { problem: problem(409, [{ field: 'amount', message: `is more than account ${accountId} has free` }]) };
  }
  return { transfer: transfers.begin(request) };
}

function takenBy({ amount, fee }: TransferRequest): Decimal {
  return amount.plus(fee);
}

function reportOf({ accountId, amount, fee, ...rest }: Readonly<Transfer>) {
  return { ...rest, account: accountId, amount: fixed(amount), fee: fixed(fee) };
}
