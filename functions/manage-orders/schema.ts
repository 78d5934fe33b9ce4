/** What people may send to change an order, or to cancel some. */
import {
  amount,
  type Issue,
  isPositive,
  isQuantity,
  issuesOf,
  type OrderChange,
  parseBody,
  price,
  RequestError,
} from '@nightdesk/core';
import * as z from 'zod';

const decimal = z
  .string('must be a decimal number, e.g. "0.01"')
  .refine((text) => isQuantity(text) && isPositive(text), 'must be a decimal number above zero, e.g. "0.01"');
const requestId = z.string('must be text').min(1, 'must not be empty').max(128);

const changeSchema = z
  .strictObject({
    amount: decimal.optional(),
    price: decimal.optional(),
    triggerPrice: decimal.optional(),
    /** What makes a resend known again. */
    id: requestId.optional(),
  })
  .refine(({ amount: size, price: limit, triggerPrice }) => size ?? limit ?? triggerPrice, {
    message: 'must hold at least one of amount, price and triggerPrice',
  });

export interface ChangeRequest {
  change: OrderChange;
  id?: string;
}

/** @throws RequestError `invalid_json` or `invalid_request` with one issue per field */
export function parseChange(text: string): ChangeRequest {
  const given = check(changeSchema, parseBody(text), 'the order cannot be changed like that');
  const { id } = given;
  return {
    change: {
      ...(given.amount !== undefined && { amount: amount(given.amount) }),
      ...(given.price !== undefined && { price: price(given.price) }),
      ...(given.triggerPrice !== undefined && { triggerPrice: price(given.triggerPrice) }),
    },
    ...(id !== undefined && { id }),
  };
}

const oneSchema = z.strictObject({ id: requestId.optional() });

const allSchema = z.strictObject({
  account: z.string('is missing; which account is meant has to be said').min(1, 'must not be empty').max(32),
  symbol: z.string().min(1, 'must not be empty').max(64).optional(),
  id: requestId.optional(),
});

type Query = Record<string, string | undefined> | undefined;

/** @throws RequestError `invalid_request` */
export const parseCancelOne = (query: Query): z.output<typeof oneSchema> =>
  check(oneSchema, query ?? {}, 'the order cannot be canceled like that');

/** @throws RequestError `invalid_request` */
export const parseCancelAll = (query: Query): z.output<typeof allSchema> =>
  check(allSchema, query ?? {}, 'orders cannot be canceled like that');

function check<Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues: Issue[] = issuesOf(result.error);
  throw new RequestError('invalid_request', what, issues);
}
