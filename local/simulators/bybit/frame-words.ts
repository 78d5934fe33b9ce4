/** Bybit's frames, as faults of single frames read them. */
import { z } from 'zod';
import { crossingLevel, type FrameWords } from '../shared/frame-faults.ts';

const levels = z.array(z.tuple([z.string(), z.string()]));
const topicSchema = z.object({ topic: z.string(), data: z.unknown() });
const rowsSchema = z.tuple([z.object({ symbol: z.string() })], z.unknown());
const bookSchema = z.looseObject({
  topic: z.string().startsWith('orderbook.'),
  data: z.looseObject({ b: levels, a: levels }),
});

export const frameWords: FrameWords = {
  streamOf(frame) {
    const message = topicSchema.safeParse(frame);
    if (!message.success) return undefined;
    const [channel = '', ...rest] = message.data.topic.split('.');
    // Public topics end with the market; private ones name it in their rows.
    const rows = rowsSchema.safeParse(message.data.data);
    const symbol = rows.success ? rows.data[0].symbol : rest.at(-1);
    return { channel, symbol };
  },
  corrupt(_text, frame) {
    const book = bookSchema.safeParse(frame);
    if (!book.success) return undefined;
    const { b, a } = book.data.data;
    const wrong = crossingLevel([...b, ...a]);
    if (wrong === undefined) return undefined;
    return JSON.stringify({ ...book.data, data: { ...book.data.data, b: [wrong, ...b] } });
  },
};
