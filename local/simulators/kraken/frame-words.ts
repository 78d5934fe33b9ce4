/** Kraken's frames, as faults of single frames read them. */
import { z } from 'zod';
import type { FrameWords } from '../shared/frame-faults.ts';
import type { Catalog } from './catalog.ts';

const messageSchema = z.object({
  channel: z.string(),
  type: z.enum(['snapshot', 'update']),
  data: z.array(z.object({ symbol: z.string().optional() })),
});
const bookSchema = z.object({ channel: z.literal('book') });
const checksumPattern = /"checksum":(\d+)/;
/** The largest that four bytes hold. */
const checksumMax = 0xffff_ffff;

export function createFrameWords(catalog: Catalog): FrameWords {
  return {
    streamOf(frame) {
      const message = messageSchema.safeParse(frame);
      if (!message.success || message.data.channel === 'status') return undefined;
      const { channel, data } = message.data;
      const socketSymbol = data[0]?.symbol;
      const spec = socketSymbol === undefined ? undefined : catalog.bySocketSymbol(socketSymbol);
      return { channel, symbol: spec?.altname };
    },
    // In the text, since numbers have to keep the very digits that checksums are made of.
    corrupt(text, frame) {
      if (!bookSchema.safeParse(frame).success || !checksumPattern.test(text)) return undefined;
      return text.replace(checksumPattern, (_, sum: string) => `"checksum":${checksumMax - Number(sum)}`);
    },
  };
}
