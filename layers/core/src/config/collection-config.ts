/** `config/collection.yaml`: what is collected of which markets, and how long it is kept. */
import * as z from 'zod';
import { seriesKinds } from '../candles/series.ts';
import { isTimeframe } from '../candles/timeframe.ts';
import { marketStreamKinds } from '../ports/streams.ts';
import { identifier } from './fields.ts';

const dayMs = 86_400_000;
const units = { m: 60_000, h: 3_600_000, d: dayMs } as const;
const durationPattern = /^([1-9]\d{0,4})([mhd])$/;

/**
 * A length of time such as `5m`, `12h` or `90d`. It stays a text, as everything in the configuration stays what it was: what is read
 * here is published, and read again by the functions.
 */
const duration = (minMs: number, maxMs: number, range: string) =>
  z
    .string()
    .regex(durationPattern, { error: `must be a number and m, h or d, from ${range}, for example 30d`, abort: true })
    .refine((text) => durationMs(text) >= minMs && durationMs(text) <= maxMs, `must be from ${range}`);

/** @param text a length of time as collection.yaml has it, such as `5m` */
export const durationMs = (text: string): number =>
  Number(text.slice(0, -1)) * units[text.slice(-1) as keyof typeof units];

const timeframe = z.string().refine(isTimeframe, 'must be a timeframe such as 1m, 4h or 1d');

const selectionSchema = z
  .strictObject({
    quotes: z.array(z.string().min(1)).min(1).optional().describe('Only markets quoted in these, e.g. USDT.'),
    kinds: z
      .array(z.enum(['spot', 'perpetual', 'future']))
      .min(1)
      .default(['spot'])
      .describe('Only markets of these kinds.'),
    top: z
      .int()
      .min(1)
      .max(2_000)
      .optional()
      .describe(
        'Of those, the most traded ones by the volume of 24 hours, for each venue and quote asset. One that is in stays in until it is a quarter further behind. Absent is all of them.',
      ),
    except: z.array(z.string().min(1)).default([]).describe('Unified symbols that are left out.'),
  })
  .refine(({ top, quotes }) => top === undefined || quotes !== undefined, {
    path: ['quotes'],
    message: 'is missing, and `top` needs it: volumes in different assets cannot be compared. Say for example [USDT]',
  })
  .describe('Markets by what they are, rather than by name.');

const collectionSchema = z
  .strictObject({
    venues: z.array(identifier('an exchange')).min(1).describe('Those of exchanges.yaml.'),
    symbols: z.array(z.string().min(1)).min(1).optional().describe('Unified symbols, e.g. BTC/USDT.'),
    select: selectionSchema.optional(),
    kinds: z.array(z.enum(seriesKinds)).min(1).default(['candles']).describe('What is collected of each market.'),
    timeframes: z
      .array(timeframe)
      .min(1)
      .default(['1m'])
      .describe('Of candles. Longer ones are made of 1m when they are read, so 1m is all that most need.'),
    every: duration(units.m, units.d, '1m to 1d')
      .default('5m')
      .describe(
        'How often what is new is fetched. Rarer is cheaper: what one run brings of 60 series shares one row of the table.',
      ),
    history: duration(units.d, 3_650 * dayMs, '1d to 3650d')
      .optional()
      .describe('How far back candles are wanted. What is missing is fetched bit by bit, when nothing else is due.'),
  })
  .refine(({ symbols, select }) => (symbols === undefined) !== (select === undefined), {
    path: ['symbols'],
    message: 'say either `symbols` or `select`',
  })
  .refine(({ kinds, select }) => !kinds.includes('funding') || (select?.kinds.includes('perpetual') ?? true), {
    path: ['select', 'kinds'],
    message: 'must have perpetual, since `kinds` wants funding and no other market pays it',
  })
  .describe('Some series that are collected alike.');

const streamSchema = z
  .strictObject({
    venues: z.array(identifier('an exchange')).min(1).describe('Those of exchanges.yaml.'),
    symbols: z.array(z.string().min(1)).min(1).optional().describe('Unified symbols, e.g. BTC/USDT.'),
    select: selectionSchema.optional(),
    kinds: z
      .array(z.enum(marketStreamKinds))
      .min(1)
      .default(['books'])
      .describe('What is streamed of each market. `funding` and `liquidations` exist on contracts only.'),
    timeframes: z.array(timeframe).min(1).default(['1m']).describe('Of candles.'),
    depth: z.int().min(1).max(50).default(10).describe('Levels of each side that a quote has.'),
    quotesPerSecond: z
      .number()
      .min(0.1)
      .max(5)
      .default(1)
      .describe(
        'Most writes of the quote of a market. Each costs a write unit per 1 KB; what changes in between is left out.',
      ),
    files: z
      .boolean()
      .default(false)
      .describe('Keeps trades, published books, funding and liquidations in Parquet files as well, for `tickDays`.'),
  })
  .refine(({ symbols, select }) => (symbols === undefined) !== (select === undefined), {
    path: ['symbols'],
    message: 'say either `symbols` or `select`',
  })
  .describe('Some markets that are streamed alike.');

export const collectionConfigSchema = z
  .strictObject({
    collections: z.array(collectionSchema).default([]),
    streams: z.array(streamSchema).default([]).describe('What the stream service keeps live (docs/streams.md).'),
    streamAccounts: z
      .boolean()
      .default(true)
      .describe(
        'Streams orders and fills of every sandbox and live account, so that orders are up to date within milliseconds.',
      ),
    hotDays: z
      .int()
      .min(3)
      .max(3_650)
      .default(400)
      .describe('How long candles stay in the table, which is faster to read than files. Files keep them for good.'),
    outlierPercent: z
      .number()
      .min(1)
      .max(1_000)
      .default(20)
      .describe(
        'A close further than this from the median of at least two other exchanges at the time is quarantined.',
      ),
  })
  .prefault({});

export type CollectionConfig = z.output<typeof collectionConfigSchema>;
export type Collection = CollectionConfig['collections'][number];
/** Some markets that are streamed alike. */
export type Streaming = CollectionConfig['streams'][number];
