/** Where a listing goes on: opaque to clients, and good for the question that it came from only. */
import { RequestError } from '@nightdesk/core';
import type * as z from 'zod';

/** @returns a cursor; `state` is what `readCursor` gives back */
export const writeCursor = (question: string, state: readonly (number | string)[]): string =>
  Buffer.from(JSON.stringify([question, ...state])).toString('base64url');

/**
 * @param question what the cursor has to be of
 * @param schema of the state it was written with
 * @throws RequestError `invalid_request` for what is no cursor of this question
 */
export function readCursor<State extends z.ZodType>(text: string, question: string, schema: State): z.output<State> {
  const [asked, ...rest] = parse(text);
  const state = schema.safeParse(rest);
  if (typeof asked !== 'string' || !state.success) {
    throw badCursor('is no cursor of this desk: take it from `next`, or leave it out');
  }
  if (asked !== question) {
    throw badCursor('is of another question: repeat the parameters that it came from, or leave it out');
  }
  return state.data;
}

export const badCursor = (message: string): RequestError =>
  new RequestError('invalid_request', 'the query parameters are not valid', [{ path: 'cursor', message }]);

/** Anybody may send anything as a cursor; what is none has nothing in it. */
function parse(text: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}
