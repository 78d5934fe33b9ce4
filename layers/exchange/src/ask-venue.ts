/** Questions to a venue whose answer is a value, or an error where there is none. */
import { VenueError, type VenueId } from '@nightdesk/core';
import { UnparsableAnswerError } from './fields.ts';
import type { VenueFailure } from './outcome.ts';
import type { VenueTraits } from './traits/index.ts';
import type { VenueClient } from './venue-client.ts';
import type { VenueSession } from './venue-session.ts';

/** A venue as the parts of its port see it. */
export interface VenueContext {
  venue: VenueId;
  session: VenueSession;
  traits: VenueTraits;
}

export interface Question<Result> {
  /** ccxt's name of what is asked, e.g. `fetchTicker`. */
  method: string;
  ask(client: VenueClient): Promise<unknown>;
  /** @throws UnparsableAnswerError when the answer makes no sense. */
  read(answer: unknown): Result;
}

/** @throws VenueError when the venue cannot be asked this, does not answer, or answers what makes no sense. */
export async function askVenue<Result>(context: VenueContext, question: Question<Result>): Promise<Result> {
  const { venue, session } = context;
  if (!session.client.has[question.method]) {
    throw new VenueError(venue, `cannot be asked ${question.method}`, { code: 'not_supported' });
  }
  const result = await session.call('question', () => question.ask(session.client));
  if (result.kind === 'failed') throw errorOf(venue, result.failure);
  return readAnswers(context, async () => question.read(result.value));
}

/** @throws VenueError where reading answers ends in an `UnparsableAnswerError` */
export async function readAnswers<Result>({ venue }: VenueContext, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof UnparsableAnswerError)) throw error;
    throw new VenueError(venue, error.message, { code: 'unparsable_answer' });
  }
}

/** A failed call as an error. */
export const errorOf = (venue: VenueId, { cause: { code, message } }: VenueFailure): VenueError =>
  new VenueError(venue, `${code}: ${message}`, { code });
