/** Binance's frames, as faults of single frames read them. */
import { z } from 'zod';
import { crossingLevel, type FrameWords } from '../shared/frame-faults.ts';

const levels = z.array(z.tuple([z.string(), z.string()]));
const eventSchema = z.object({ e: z.string().optional(), s: z.string().optional(), u: z.unknown().optional() });
const wrappedSchema = z.object({ stream: z.string(), data: z.unknown() });
/** Of user data streams over the WebSocket API. */
const subscribedSchema = z.object({ subscriptionId: z.number(), event: z.unknown() });
const depthSchema = z.looseObject({ e: z.literal('depthUpdate'), b: levels, a: levels });

export const frameWords: FrameWords = {
  streamOf(frame) {
    const event = eventSchema.safeParse(eventIn(frame));
    if (!event.success) return undefined;
    const { e, s, u } = event.data;
    // `bookTicker` alone names no event, and is known by its number.
    const channel = e ?? (s !== undefined && u !== undefined ? 'bookTicker' : undefined);
    return channel === undefined ? undefined : { channel, symbol: s };
  },
  corrupt(_text, frame) {
    const depth = depthSchema.safeParse(eventIn(frame));
    if (!depth.success) return undefined;
    const { b, a } = depth.data;
    const wrong = crossingLevel([...b, ...a]);
    if (wrong === undefined) return undefined;
    const event = { ...depth.data, b: [...b, wrong] };
    const wrapped = wrappedSchema.safeParse(frame);
    return JSON.stringify(wrapped.success ? { ...wrapped.data, data: event } : event);
  },
};

/** All symbols' tickers come as a list, which is one stream of no symbol. */
function eventIn(frame: unknown): unknown {
  const wrapped = wrappedSchema.safeParse(frame);
  if (wrapped.success) return wrapped.data.data;
  const subscribed = subscribedSchema.safeParse(frame);
  if (subscribed.success) return subscribed.data.event;
  const first: unknown = Array.isArray(frame) ? frame[0] : undefined;
  return first === undefined ? frame : { e: eventSchema.safeParse(first).data?.e };
}
