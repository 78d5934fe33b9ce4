/** Published quotes against what the venues' own books were at the same number. */
import type { QuoteView } from '@nightdesk/core';
import type { BookState } from '@nightdesk/local/simulators/shared/book-history.ts';
import { type VenueName, venueNames } from '../markets.ts';
import type { BookQuestion, StreamedMarket, StreamingDesk } from './streaming-desk.ts';

export interface Compared {
  /** The same as the venue's at its number. */
  equal: number;
  /** Marked as stale. */
  stale: number;
  /** Of markets that have none now, such as while their book is fetched anew. */
  absent: number;
  /** Older than what is kept of the venue's books. */
  untold: number;
  violations: string[];
}

/** The venues keep half a minute and more of each book. */
const keptMs = 15_000;
/** What is told as fresh may be behind by as long as a silent connection counts as heard, and by what a write takes. */
const behindMsMax = 15_000;

export const nothingCompared = (): Compared => ({ equal: 0, stale: 0, absent: 0, untold: 0, violations: [] });

export interface CompareOptions {
  /** Since when the venues keep what their books were; epoch milliseconds. */
  keptSinceMs: number;
  into: Compared;
}

type Asking = Pick<StreamingDesk, 'readQuotes' | 'truthOf'>;

/** Reads the quotes of these markets and compares each. */
export async function compareQuotes(
  streaming: Asking,
  markets: readonly StreamedMarket[],
  options: CompareOptions,
): Promise<void> {
  const symbols = [...new Set(markets.map(({ symbol }) => symbol))];
  const readMs = Date.now();
  const quotes = (await Promise.all(symbols.map((symbol) => streaming.readQuotes(symbol)))).flat();
  for (const venue of venueNames) {
    const wanted = markets.filter((market) => market.venue === venue);
    const found = wanted.map((market) => ({ market, quote: quoteOf(market, quotes) }));
    const asked = found.flatMap(({ market, quote }) => (quote === undefined ? [] : [{ market, quote }]));
    options.into.absent += found.length - asked.length;
    // A venue forgets what the books of a market were about which nobody asks, and it is needed as soon as there is a quote again.
    const unasked = found.flatMap(({ market, quote }) =>
      quote === undefined ? [{ symbol: market.name, limit: 1 }] : [],
    );
    if (unasked.length > 0) await streaming.truthOf(venue, unasked);
    if (asked.length > 0) await compareAt(streaming, venue, { asked, readMs, ...options });
  }
}

interface Asked {
  market: StreamedMarket;
  quote: QuoteView;
}

const quoteOf = ({ venue, symbol }: StreamedMarket, quotes: readonly QuoteView[]): QuoteView | undefined =>
  quotes.find((quote) => quote.venue === venue && quote.symbol === symbol);

/** Kraken numbers no book, but writes its time into each message. */
const questionOf = (venue: VenueName, { market: { name }, quote }: Asked): BookQuestion =>
  venue === 'kraken'
    ? { symbol: name, ...(quote.exchangeTimeMs !== undefined && { atMs: quote.exchangeTimeMs }) }
    : { symbol: name, sequence: quote.sequence };

async function compareAt(
  streaming: Asking,
  venue: VenueName,
  { asked, readMs, keptSinceMs, into }: CompareOptions & { asked: readonly Asked[]; readMs: number },
): Promise<void> {
  const answers = await streaming.truthOf(
    venue,
    asked.map((each) => questionOf(venue, each)),
  );
  const fresh = asked.filter(({ quote }) => !quote.stale);
  const newest = await streaming.truthOf(
    venue,
    fresh.map(({ market }) => ({ symbol: market.name, limit: 1 })),
  );
  const nowMs = Date.now();
  for (const [index, each] of asked.entries()) {
    const { quote } = each;
    const states = answers[index] ?? [];
    const name = `${venue} ${quote.symbol} ${quote.sequence} received ${nowMs - quote.receivedMs} ms ago`;
    if (quote.stale) into.stale += 1;
    if (Number(quote.bid) >= Number(quote.ask)) into.violations.push(`${name}: the bid is not below the ask`);
    if (states.some((state) => isEqual(quote, state))) into.equal += 1;
    else if (states.length > 0) into.violations.push(`${name}: is not the venue's: ${difference(quote, states[0])}`);
    else if (quote.receivedMs < Math.max(keptSinceMs, nowMs - keptMs)) into.untold += 1;
    else into.violations.push(`${name}: the venue never had such a book`);
  }
  for (const [index, { quote }] of fresh.entries()) {
    const [latest] = newest[index] ?? [];
    // What the venue's book became after the quote was read, however long the looks took, says nothing of the quote.
    const behindMs = latest === undefined ? 0 : Math.min(latest.atMs, readMs) - (quote.exchangeTimeMs ?? latest.atMs);
    if (behindMs > behindMsMax) {
      into.violations.push(`${venue} ${quote.symbol}: is told as fresh, and ${Math.round(behindMs)} ms behind`);
    }
  }
}

type Side = readonly (readonly [price: string, amount: string])[];

/** Levels of each side that a quote has here. */
const depthPublished = 10;

const isSame = (told: Side, actual: Side): boolean =>
  told.length === Math.min(depthPublished, actual.length) &&
  told.every(([price, size], place) => {
    const level = actual[place];
    return level !== undefined && Number(level[0]) === Number(price) && Number(level[1]) === Number(size);
  });

const isEqual = ({ depth }: QuoteView, { bids, asks }: BookState): boolean =>
  depth.bids.length > 0 && isSame(depth.bids, bids) && isSame(depth.asks, asks);

const difference = ({ depth }: QuoteView, state: BookState | undefined): string =>
  JSON.stringify({
    told: [depth.bids.slice(0, 3), depth.asks.slice(0, 3)],
    actual: [state?.bids.slice(0, 3), state?.asks.slice(0, 3)],
  });
