import { amount, isDecimal, notional, type OrderNews, price } from '@nightdesk/core';
import * as z from 'zod';

/** DynamoDB takes no key above 2 KB, and no venue makes ids of such a length. */
const idLengthMax = 256;

const id = z.string().min(1).max(idLengthMax);
const atMs = z.number().min(0);
/** As text: a number would have been a float somewhere on its way. */
const decimal = z.string().refine(isDecimal, { error: 'must be a decimal number as text', abort: true });
const quantity = decimal.refine((text) => !text.startsWith('-'), 'must be zero or more').transform(amount);

const newsSchema = z.object({
  account: id,
  venue: id,
  symbol: z.string().min(1),
  kind: z.enum(['spot', 'perpetual', 'future', 'option']),
  receivedMs: atMs,
  order: z.object({
    venueOrderId: id,
    clientOrderId: id.optional(),
    status: z.enum(['open', 'filled', 'canceled', 'expired', 'rejected']),
    filled: quantity,
    amount: quantity.optional(),
    price: decimal.transform(price).optional(),
    triggerPrice: decimal.transform(price).optional(),
    cost: decimal.transform(notional).optional(),
    fills: z.array(
      z.object({
        tradeId: id,
        amount: quantity,
        price: decimal.transform(price),
        // Below zero is a rebate.
        fee: z.object({ asset: z.string().min(1), amount: decimal.transform(amount) }).optional(),
        atMs,
      }),
    ),
  }),
});

/** @throws Error when the body is no news of an order; it then ends in the dead-letter queue to be looked at */
export const parseNews = (body: string): OrderNews => newsSchema.parse(JSON.parse(body)) as unknown as OrderNews;
