import { type NoticeMessage, noticeKinds, noticeSeverities } from '@nightdesk/core';
import * as z from 'zod';

/** Only `notify` writes to the queue; this tells a damaged message from a whole one. */
const messageSchema = z.object({
  channel: z.string(),
  notice: z.looseObject({
    id: z.string(),
    kind: z.enum(noticeKinds),
    severity: z.enum(noticeSeverities),
    account: z.string(),
    atMs: z.int(),
    version: z.int(),
  }),
});

/** @throws Error when the body is not a message of the queue of notices; it then ends in its dead letters to be looked at */
export function parseMessage(body: string): NoticeMessage {
  return messageSchema.parse(JSON.parse(body)) as unknown as NoticeMessage;
}
