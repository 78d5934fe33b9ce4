/** What each platform wants of a message, and what its answers mean. */
import { createHmac } from 'node:crypto';
import { type ChannelConfig, type ChannelType, fitText, isSafeAddress, type Notice } from '@nightdesk/core';
import * as z from 'zod';
import type { PostAnswer, PostRequest } from './post.ts';

export interface Letter {
  channel: ChannelConfig;
  notice: Notice;
  /** What a person is to read, without markup. */
  text: string;
  nowMs: number;
}

export interface Platform<Secret extends Record<string, string> = Record<string, string>> {
  /** Of the channel's secret, with what to put there in its messages. */
  secret: z.ZodType<Secret>;
  request(letter: Letter, secret: Secret): PostRequest;
  /** Whether the platform has the message. */
  isTaken(answer: PostAnswer): boolean;
  /** The platform's own word on what is wrong, where it has one. */
  reason?(answer: PostAnswer): string | undefined;
}

const address = z
  .string('must be the address of the webhook')
  .refine((text) => URL.canParse(text) && isSafeAddress(text) && new URL(text).username === '', {
    message: 'must be the address of the webhook: https (loopback aside), without a user',
  });

/** Smallest signing secret: shorter ones can be guessed from one signed message. */
const signingLengthMin = 16;
const telegramAddress = 'https://api.telegram.org';
/** Bot API: text of sendMessage, 4,096 characters after its entities are parsed. */
const telegramLengthMax = 4_096;
/** Discord: `content` of a webhook's message, 2,000 characters as they are sent. */
const discordLengthMax = 2_000;
/** Slack cuts text above 40,000 characters, and advises 4,000. */
const slackLengthMax = 4_000;

const isSuccess = ({ status }: PostAnswer): boolean => status >= 200 && status < 300;

/** Bot API, "HTML style": these three must be entities wherever they are no markup. Slack wants the same three. */
const escapeEntities = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const telegramAnswer = z.object({
  ok: z.boolean(),
  description: z.string().optional(),
  parameters: z.object({ retry_after: z.number().min(0).optional() }).optional(),
});

const telegram: Platform<{ botToken: string; chatId: string }> = {
  secret: z.object({
    botToken: z.string('must be the token of the bot').regex(/^\d+:[\w-]+$/, 'must be the token of the bot'),
    chatId: z
      .union([z.string(), z.int().transform(String)], 'must be the id of the chat')
      .pipe(z.string().regex(/^(-?\d+|@\w+)$/, 'must be the id of the chat')),
  }),
  request: ({ channel, text }, { botToken, chatId }) => ({
    url: `${(channel.baseUrl ?? telegramAddress).replace(/\/+$/, '')}/bot${botToken}/sendMessage`,
    body: JSON.stringify({
      chat_id: chatId,
      text: escapeEntities(fitText(text, telegramLengthMax)),
      parse_mode: 'HTML',
      link_preview_options: { is_disabled: true },
    }),
  }),
  isTaken: (answer) => isSuccess(answer) && telegramOf(answer)?.ok === true,
  reason: (answer) => telegramOf(answer)?.description,
};

const discordAnswer = z.object({ code: z.int().optional(), retry_after: z.number().min(0).optional() });

const discord: Platform<{ url: string }> = {
  secret: z.object({ url: address }),
  request: ({ text }, { url }) => ({
    url,
    body: JSON.stringify({
      content: escapeDiscord(text),
      // Nobody is called by a name that happens to be in a text, `@everyone` above all.
      allowed_mentions: { parse: [] },
      // SUPPRESS_EMBEDS
      flags: 4,
    }),
  }),
  isTaken: isSuccess,
  reason: (answer) => {
    const code = discordOf(answer)?.code;
    return code === undefined ? undefined : `code ${code}`;
  },
};

const slack: Platform<{ url: string }> = {
  secret: z.object({ url: address }),
  request: ({ text }, { url }) => ({
    url,
    body: JSON.stringify({
      text: escapeEntities(fitText(text, slackLengthMax)),
      mrkdwn: false,
      unfurl_links: false,
      unfurl_media: false,
    }),
  }),
  isTaken: (answer) => answer.status === 200 && answer.body.trim() === 'ok',
  // Such as `no_service`, `invalid_token`, `channel_is_archived`.
  reason: ({ body }) => (/^[a-z_]{2,40}$/.test(body.trim()) ? body.trim() : undefined),
};

const webhook: Platform<{ url: string; secret: string }> = {
  secret: z.object({
    url: address,
    secret: z
      .string('must be what messages are signed with')
      .min(signingLengthMin, `must be what messages are signed with, at least ${signingLengthMin} characters`),
  }),
  request: ({ notice, text, nowMs }, { url, secret }) => {
    const body = JSON.stringify({ ...notice, text });
    const timestamp = String(Math.floor(nowMs / 1_000));
    // As for signals that are sent to this desk, so that one routine checks both.
    const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
    const headers = {
      'x-nightdesk-timestamp': timestamp,
      'x-nightdesk-signature': `sha256=${signature}`,
      'idempotency-key': notice.id,
    };
    return { url, body, headers };
  },
  isTaken: isSuccess,
};

/** By type; `sns` is not among them, since AWS's own client speaks to that. */
export const platforms: Readonly<Record<Exclude<ChannelType, 'sns'>, Platform>> = {
  telegram: telegram as Platform,
  discord: discord as Platform,
  slack: slack as Platform,
  webhook: webhook as Platform,
};

/** How long the platform wants to be left alone: Telegram and Discord say it in the body, Slack and others in a header. */
export function retryAfterOf(answer: PostAnswer): number | undefined {
  const inBody = telegramOf(answer)?.parameters?.retry_after ?? discordOf(answer)?.retry_after;
  const wanted = [inBody, answer.retryAfterSeconds].filter((seconds) => seconds !== undefined);
  return wanted.length === 0 ? undefined : Math.ceil(Math.max(...wanted));
}

const telegramOf = ({ body }: PostAnswer) => parseAs(telegramAnswer, body);
const discordOf = ({ body }: PostAnswer) => parseAs(discordAnswer, body);

function parseAs<Answer>(schema: z.ZodType<Answer>, body: string): Answer | undefined {
  try {
    return schema.safeParse(JSON.parse(body)).data;
  } catch {
    // Not JSON, so not this platform's own answer.
    return undefined;
  }
}

/** A backslash shows every character that Discord's markdown would take for markup. The limit counts backslashes as well. */
function escapeDiscord(text: string): string {
  const escaped = (length: number) => fitText(text, length).replace(/[\\*_~`|[\]()<>#]|^[-+](?=\s)/gm, '\\$&');
  const whole = escaped(discordLengthMax);
  return whole.length <= discordLengthMax ? whole : escaped(discordLengthMax / 2);
}
