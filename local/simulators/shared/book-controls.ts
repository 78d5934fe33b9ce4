/** `/__sim/book`: what a venue's book was at a number or a time that it has told. */
import { z } from 'zod';
import type { Instrument } from '../engine/types.ts';
import type { BookHistory, BookState } from './book-history.ts';
import { type ControlAnswer, type ControlInput, issuesOf, ok, problem } from './control-answer.ts';

/** What these calls need to know of a venue. */
export interface RememberedBooks {
  readonly books: BookHistory;
  instrumentsOf(symbol: string): readonly Instrument[];
}

const whole = z.int().nonnegative();
const questionSchema = z.strictObject({
  symbol: z.string().min(1),
  kind: z.enum(['spot', 'perpetual']).default('spot'),
  sequence: whole.optional(),
  atMs: whole.optional(),
  limit: z.int().positive().optional(),
});
/** As the address has only texts. */
const numbers: ReadonlySet<string> = new Set(['sequence', 'atMs', 'limit']);
type Question = z.output<typeof questionSchema>;

const questionsMax = 1_000;
const questionsSchema = z.array(questionSchema).min(1).max(questionsMax);

/** One question in the address. */
export function askBook(venue: RememberedBooks, { query }: ControlInput): ControlAnswer {
  const given = [...query].map(([name, value]) => [name, numbers.has(name) ? Number(value) : value]);
  const input = questionSchema.safeParse(Object.fromEntries(given));
  if (!input.success) return problem(400, issuesOf(input.error));
  const states = statesFor(venue, input.data);
  if (states === undefined) return problem(400, [{ field: 'symbol', message: `no symbol "${input.data.symbol}"` }]);
  return ok({ states });
}

/** Many questions at once, each answered in its place; `null` where there is no such market. */
export function askBooks(venue: RememberedBooks, { body }: ControlInput): ControlAnswer {
  const input = questionsSchema.safeParse(body);
  if (!input.success) return problem(400, issuesOf(input.error));
  return ok({ answers: input.data.map((question) => statesFor(venue, question) ?? null) });
}

function statesFor(venue: RememberedBooks, { symbol, kind, ...question }: Question): BookState[] | undefined {
  const found = venue.instrumentsOf(symbol).find(({ perpetual }) => (perpetual === undefined) === (kind === 'spot'));
  return found === undefined ? undefined : venue.books.ask(found.id, question);
}
