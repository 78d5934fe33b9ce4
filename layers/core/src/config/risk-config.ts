/** `config/risk.yaml`: how much may be at stake, and what stops trading by itself. */
import * as z from 'zod';
import { isDecimal, isPositive, type Notional } from '../money.ts';
import { identifier } from './fields.ts';
import type { LimitText } from './limit-amount.ts';

/** Currencies that limits may count one to one: the dollar and what stands for it. */
const dollarQuotes = ['USD', 'USDT', 'USDC', 'FDUSD'];

const isAboveZero = (text: string): boolean => isDecimal(text) && isPositive(text);

const positiveDecimal = z
  .string('write the number in quotes, e.g. "1000"')
  .refine(isAboveZero, 'must be a decimal number above zero, e.g. "1000"')
  .transform((text) => text as Notional);

const isShare = (text: string): boolean => text.endsWith('%') && isAboveZero(text.slice(0, -1));

const limit = z
  .string('write the limit in quotes, e.g. "1000" or "30%"')
  .refine(
    (text) => isShare(text) || isAboveZero(text),
    'must be a decimal number above zero, e.g. "1000", or a share of equity, e.g. "30%"',
  )
  .transform((text) => text as LimitText);

const percent = z
  .string('write the share in quotes, e.g. "2%"')
  .refine(isShare, 'must be a share above zero, e.g. "2%"')
  .transform((text) => text as `${string}%`);

/** What one account, or one source, may do. */
const limitFields = {
  orderNotionalMax: positiveDecimal.describe('Largest order, in the owner’s currency.'),
  ordersPerMinuteMax: z
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe('Most orders in one minute of the clock. Orders that can only shrink a position do not count.'),
  symbols: z.array(z.string().min(1)).min(1).optional().describe('Unified symbols that may be traded; absent is all.'),
};

const accountLimitsSchema = z.strictObject({
  ...limitFields,
  quotes: z
    .array(z.string().min(1))
    .min(1)
    .default(dollarQuotes)
    .describe(
      'Quote currencies counted one to one in the owner’s currency. Others are converted by the prices of the last reconciliation; an order that cannot be converted is denied.',
    ),
  openNotionalMax: positiveDecimal.describe('Most in open orders of an account at once, in the owner’s currency.'),
  openOrdersMax: z
    .int()
    .min(1)
    .max(5_000)
    .optional()
    .describe('Most open orders of an account at once, those not counted that can only shrink a position.'),
  exposureMax: limit.optional().describe('Most in open positions and open orders of an account together.'),
  assetExposureMax: limit.optional().describe('The same in one asset.'),
  leverageMax: positiveDecimal
    .optional()
    .describe('Positions and open orders of an account as a multiple of its equity, and the leverage of one order.'),
  priceDeviationMax: percent
    .optional()
    .describe('How far from the best price of the book an order may trade, and how far apart the book may be.'),
  dailyLossMax: limit.optional().describe('Loss since the day began, beyond which no position is opened.'),
  drawdownMax: limit.optional().describe('Loss since the highest equity, beyond which no position is opened.'),
  freeBalance: z
    .enum(['check', 'ignore'])
    .default('ignore')
    .describe('`check` denies what the account has no funds for, instead of leaving that to the exchange.'),
  figuresAgeSecondsMax: z
    .int()
    // Looks are a minute apart: with less than two, orders would be denied again and again while all is well.
    .min(120)
    .max(86_400)
    .default(300)
    .describe('How old equity, loss and conversion prices may be that a limit is measured by; found once a minute.'),
  priceAgeSecondsMax: z
    .int()
    .min(1)
    .max(3_600)
    .default(60)
    .describe('How old the exchange’s price may be that an order is measured by, where the exchange tells its time.'),
});

const sourceLimitsSchema = z.strictObject({
  ...limitFields,
  orderNotionalMax: limitFields.orderNotionalMax.optional(),
});

/** Over all accounts of one mode together. */
const deskLimitsSchema = z.strictObject({
  exposureMax: limit.optional().describe('Most in open positions and open orders of all accounts together.'),
  venueExposureMax: limit
    .default('30%' as LimitText)
    .describe('The same at one exchange. Shares are of the equity of all accounts of the mode.'),
  assetExposureMax: limit.optional().describe('The same in one asset.'),
});

/** What a breaker does, beside telling. */
export const breakerActions = ['alarm', 'reducing', 'halted'] as const;
export type BreakerAction = (typeof breakerActions)[number];

const breaker = <Shape extends z.ZodRawShape>(limitShape: Shape, action: BreakerAction) =>
  z
    .strictObject({
      ...limitShape,
      action: z
        .enum(breakerActions)
        .default(action)
        .describe('`alarm` only tells; `reducing` lets only pass what shrinks a position; `halted` lets nothing pass.'),
      cancelOrders: z.boolean().default(false).describe('Also cancels the account’s open orders, exits aside.'),
    })
    .optional();

const breakersSchema = z.strictObject({
  dailyLoss: breaker({ limit }, 'reducing').describe('Loss since the day began.'),
  drawdown: breaker({ limit }, 'halted').describe('Loss since the highest equity.'),
  drift: breaker({ limit }, 'halted').describe('Worth of what an account has more or less than the desk can explain.'),
  rejects: breaker(
    {
      share: percent.default('50%'),
      ordersMin: z.int().min(1).default(10),
      minutes: z.int().min(1).max(60).default(10),
    },
    'reducing',
  ).describe('Share of the recent orders that the exchange refused.'),
  latency: breaker({ milliseconds: z.int().min(1), minutes: z.int().min(1).max(60).default(3) }, 'reducing').describe(
    'Time in which an exchange answers, at every look for so many minutes.',
  ),
  priceJump: breaker({ percent, symbols: z.array(z.string().min(1)).min(1).optional() }, 'reducing').describe(
    'Change of a price between two reconciliations; absent `symbols` are those of open positions and orders.',
  ),
  venueHealth: breaker({ minutes: z.int().min(1).max(1_440).default(5) }, 'reducing').describe(
    'How long an exchange has not answered.',
  ),
  protection: breaker({ minutes: z.int().min(0).max(1_440).default(1) }, 'reducing').describe(
    'How long a position has been without the stop or the targets that were wanted for it.',
  ),
  outsider: breaker({}, 'alarm').describe(
    'An order or a position that this desk did not make: somebody else has the key.',
  ),
});

export const riskSchema = z.strictObject({
  currency: z
    .string()
    .regex(/^[A-Z0-9]{2,10}$/, 'must be a currency such as USD')
    .default('USD')
    .describe('The owner’s currency: all limits and all figures of risk are in it.'),
  timeZone: z
    .string()
    .refine(isTimeZone, 'must be a time zone such as UTC or Europe/Berlin')
    .default('UTC')
    .describe('Where a day begins at midnight.'),
  dustBelow: positiveDecimal
    .default('1' as Notional)
    .describe('What is worth less is dust: not shown by default, and no difference.'),
  desk: deskLimitsSchema.prefault({}).describe('Limits over all accounts of one mode together.'),
  default: accountLimitsSchema.describe('Limits of accounts without their own.'),
  accounts: z.record(identifier('an account'), accountLimitsSchema).default({}).describe('Limits by account.'),
  sources: z
    .record(identifier('a source'), sourceLimitsSchema)
    .default({})
    .describe('Limits by source of signals, beside those of the account.'),
  breakers: breakersSchema.prefault({}).describe('What stops trading by itself, until a person lets it go on.'),
});

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

export type RiskConfig = z.output<typeof riskSchema>;
/** Limits of one account, as configured. */
export type AccountLimits = z.output<typeof accountLimitsSchema>;
export type SourceLimits = z.output<typeof sourceLimitsSchema>;
export type DeskLimits = z.output<typeof deskLimitsSchema>;
export type BreakersConfig = z.output<typeof breakersSchema>;
export type BreakerName = keyof BreakersConfig;
