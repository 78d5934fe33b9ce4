import type { HttpHandler } from '@nightdesk/aws';

/** Ids of the desk are letters and digits, and shorter than this. */
const idPattern = /^\w{1,64}$/;

/**
 * An id in the path of a request. What cannot be an id of the desk is no key either: a table refuses an empty or an endless one
 * with an error of its own, where the answer is only that there is no such thing.
 */
export function pathId<Id extends string>(event: Parameters<HttpHandler>[0], name: string): Id | undefined {
  const text = event.pathParameters?.[name] ?? '';
  return idPattern.test(text) ? (text as Id) : undefined;
}
