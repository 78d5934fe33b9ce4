/** What was asked for cannot be done; the message says why, and what to do. */
export class StreamsError extends Error {
  override readonly name = 'StreamsError';
}
