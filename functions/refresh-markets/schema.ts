import * as z from 'zod';

/** What the schedule sends holds no venues; whoever has just added one names it, and need not wait for the others. */
const requestSchema = z.object({ venues: z.array(z.string()).optional() });

export type RefreshRequest = z.output<typeof requestSchema>;

/** @throws Error when the event asks for venues in another form than a list of their names */
export function parseEvent(event: unknown): RefreshRequest {
  return requestSchema.parse(event ?? {});
}
