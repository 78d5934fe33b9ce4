/** What an account did or got since a time, read page by page until nothing of it can be missing. */
import { VenueError } from '@nightdesk/core';
import { askVenue, type VenueContext } from './ask-venue.ts';
import { Fields, listOf, UnparsableAnswerError } from './fields.ts';
import type { CallParameters, VenueClient } from './venue-client.ts';

/** Questions that one reading of the past may take. Beyond it, it is given up as incomplete rather than left with a hole. */
export const historyQuestionsMax = 40;
/** Asked for beyond the time wanted, since some venues leave out what is exactly of that time, or count in whole seconds. */
const overlapMs = 1_000;

export interface History {
  /** ccxt's name of the question. */
  method: string;
  sinceMs: number;
  /** Most entries in one answer, and which part of a span a full one shows. */
  pageSize: number;
  pageOrder: 'oldest_first' | 'newest_first' | 'unknown';
  /** Reads on from where a page ended by the number of entries before it, newest first, instead of by their times. */
  offsetParameter?: string | undefined;
  /** How exact the entries' times are. @default 1 */
  timeStepMs?: number;
  /** The venue's own name of the end of a span, where ccxt has none. Then the end is always told. */
  untilParameter?: string;
  ask(client: VenueClient, span: { sinceMs: number; limit: number; until: CallParameters }): Promise<unknown>;
}

/**
 * Every entry since a time, each once, oldest first.
 *
 * @throws VenueError when the venue does not answer, when an entry has no id or no time, and with `incomplete_answer` when pages
 * are full and cannot be read on from, or are more than `historyQuestionsMax`.
 */
export async function readHistory(context: VenueContext, history: History): Promise<Fields[]> {
  const { session, traits } = context;
  const nowMs = session.nowMs();
  const found = new Map<string, { entry: Fields; atMs: number }>();
  let asked = 0;
  let fromMs = Math.max(0, history.sinceMs - overlapMs);
  while (fromMs < nowMs) {
    const toMs = Math.min(fromMs + traits.historySpanMsMax, nowMs);
    // Until now needs no end, so that a clock that is behind the venue's hides nothing.
    const end = toMs < nowMs ? toMs : history.untilParameter && nowMs + overlapMs;
    asked = await readSpan(context, history, { fromMs, toMs: typeof end === 'number' ? end : undefined, asked, found });
    fromMs = toMs;
  }
  const { sinceMs, timeStepMs = 1 } = history;
  const firstMs = Math.floor(sinceMs / timeStepMs) * timeStepMs;
  return [...found.values()]
    .filter(({ atMs }) => atMs >= firstMs)
    .sort((left, right) => left.atMs - right.atMs)
    .map(({ entry }) => entry);
}

interface Reading {
  fromMs: number;
  toMs: number | undefined;
  asked: number;
  found: Map<string, { entry: Fields; atMs: number }>;
}

/** @returns how many questions were asked by then */
async function readSpan(context: VenueContext, history: History, reading: Reading): Promise<number> {
  const { pageOrder } = history;
  let { fromMs, toMs } = reading;
  let offset = 0;
  for (let asked = reading.asked + 1; asked <= historyQuestionsMax; asked += 1) {
    const page = await askPage(context, history, { fromMs, toMs, offset });
    for (const { id, entry, atMs } of page) reading.found.set(id, { entry, atMs });
    if (page.length < history.pageSize) return asked;
    if (history.offsetParameter !== undefined) {
      offset += page.length;
      continue;
    }
    const times = page.map(({ atMs }) => atMs);
    const next = { fromMs: Math.max(...times), toMs: Math.min(...times) };
    // Read on from the time of the last entry itself: others may be of the same millisecond.
    const isFurther =
      pageOrder === 'oldest_first' ? next.fromMs > fromMs : next.toMs < (toMs ?? Number.POSITIVE_INFINITY);
    if (pageOrder === 'unknown' || !isFurther) break;
    if (pageOrder === 'oldest_first') fromMs = next.fromMs;
    else toMs = next.toMs;
  }
  const message = `more entries of ${history.method} than can be read on from, ${history.pageSize} in a page`;
  throw new VenueError(context.venue, message, { code: 'incomplete_answer' });
}

function askPage(
  context: VenueContext,
  { method, pageSize: limit, untilParameter = 'until', offsetParameter, ask }: History,
  { fromMs: sinceMs, toMs, offset }: { fromMs: number; toMs: number | undefined; offset: number },
): Promise<{ id: string; entry: Fields; atMs: number }[]> {
  const until = {
    ...(toMs !== undefined && { [untilParameter]: toMs }),
    ...(offsetParameter !== undefined && offset > 0 && { [offsetParameter]: offset }),
  };
  return askVenue(context, {
    method,
    ask: (client) => ask(client, { sinceMs, limit, until }),
    read: (answer) =>
      listOf('entries', answer).map((value) => {
        const entry = new Fields('entry', value);
        return { id: idOf(entry), entry, atMs: entry.timeMs('timestamp') };
      }),
  });
}

/** Two entries without an id could not be told apart, and one of them would be lost. */
function idOf(entry: Fields): string {
  const id = entry.optionalText('id') ?? entry.optionalText('txid');
  if (id === undefined) throw new UnparsableAnswerError('entry', 'id', 'nothing');
  // Trades are numbered by market, in two of them alike, and one between two orders of the account is both of theirs.
  return ['symbol', 'order', 'side'].map((name) => entry.optionalText(name) ?? '').join(' ') + id;
}
