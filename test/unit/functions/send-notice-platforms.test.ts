import { createHmac } from 'node:crypto';
import { describeError, type TopicMessage } from '@nightdesk/aws';
import { type Notice, SecretUnavailableError, textOfNotice } from '@nightdesk/core';
import { ChannelError } from '@nightdesk/functions/send-notice/channel-error.ts';
import { createSender } from '@nightdesk/functions/send-notice/send.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ChannelServer, startChannelServer } from '../../support/channel-server.ts';
import { deskConfig } from '../../support/desk-config.ts';
import { createFakeSecrets } from '../../support/fake-secrets.ts';
import { filledNotice } from '../../support/notices.ts';

type Type = 'sns' | 'telegram' | 'discord' | 'slack' | 'webhook';
const posting = ['telegram', 'discord', 'slack', 'webhook'] as const;

const botToken = '7312:AAE-token_of-a-bot';
const signingSecret = 'a secret of at least 16 characters';
/** Text that every platform would take for something else. */
const wild = '<b>&amp;</b> @everyone <@42> <!channel> *bold* _it_ `code` [a](https://b.example) | ~no~ \\ # "x"';
const nowMs = Date.UTC(2026, 10, 21, 9, 30, 1, 500);

let server: ChannelServer;
let published: TopicMessage[];
const notice = filledNotice();

beforeEach(async () => {
  server = await startChannelServer();
  published = [];
});
afterEach(() => server.close());

/** The secret of a channel of each type, at the server. */
const secretOf = (type: Type): Record<string, string | number> => {
  if (type === 'telegram') return { botToken, chatId: -100_123 };
  const url = `${server.url}/hooks/T0001/B0002/very-secret-path`;
  return type === 'webhook' ? { url, secret: signingSecret } : { url };
};

/** Answers by which each platform says that it has the message. */
const taken = {
  telegram: { status: 200, body: '{"ok":true,"result":{}}' },
  discord: { status: 204 },
  slack: { status: 200, body: 'ok' },
  webhook: { status: 202, body: 'whatever' },
} as const;

interface Sending {
  text?: string;
  secret?: unknown;
  about?: Notice;
}

async function send(
  type: Type,
  { text = textOfNotice(notice), secret = secretOf(type), about = notice }: Sending = {},
) {
  const baseUrl = type === 'telegram' ? { baseUrl: `${server.url}/` } : {};
  const { channels } = deskConfig({ notifications: { channels: { phone: { type, ...baseUrl } } } }).notifications;
  const sender = createSender({
    secrets: createFakeSecrets({ 'desk/channels/phone': typeof secret === 'string' ? secret : JSON.stringify(secret) }),
    secretsPrefix: 'desk',
    publish: async (message) => void published.push(message),
    timeoutMs: 300,
  });
  const channel = channels.phone;
  if (channel === undefined) throw new Error('no channel');
  await sender({ id: 'phone', channel, notice: about, text, nowMs, fresh: false });
}

/** Why it was not sent. */
async function failure(type: Type, options?: Sending): Promise<Error> {
  try {
    await send(type, options);
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('it was sent');
}

const sentBody = () => JSON.parse(server.received[0]?.body ?? '') as Record<string, unknown>;

describe('a message', () => {
  it('to Telegram is a call of sendMessage, with what is markup there taken as text', async () => {
    server.answer = taken.telegram;
    await send('telegram', { text: wild });
    expect(server.received[0]).toMatchObject({ method: 'POST', path: `/bot${botToken}/sendMessage` });
    expect(sentBody()).toEqual({
      chat_id: '-100123',
      text: wild.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
      parse_mode: 'HTML',
      link_preview_options: { is_disabled: true },
    });
  });

  it('to Discord mentions nobody, shows no preview, and shows every character as it is', async () => {
    server.answer = taken.discord;
    await send('discord', { text: `- ${wild}\n+ 1-2 +3` });
    const { content, ...rest } = sentBody();
    expect(rest).toEqual({ allowed_mentions: { parse: [] }, flags: 4 });
    expect(String(content).replaceAll(/\\([^0-9A-Za-z\s])/g, '$1')).toBe(`- ${wild}\n+ 1-2 +3`);
    // Nothing that Discord's markdown knows is left without a backslash.
    expect(String(content).replaceAll(/\\[^0-9A-Za-z\s]/g, '')).not.toMatch(/[\\*_~`|[\]<>#]|^[-+] /m);
  });

  it('to Slack is no markup, with the three characters escaped that Slack reads in any case', async () => {
    server.answer = taken.slack;
    await send('slack', { text: wild });
    expect(sentBody()).toEqual({
      text: wild.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
      mrkdwn: false,
      unfurl_links: false,
      unfurl_media: false,
    });
  });

  it('to a webhook is the notice and its text, signed as signals are', async () => {
    server.answer = taken.webhook;
    await send('webhook');
    const [request] = server.received;
    expect(sentBody()).toEqual({ ...notice, text: 'BUY 0.5 BTC/USDT at fake (main) filled at 64,120.5.' });
    const timestamp = String(Math.floor(nowMs / 1_000));
    const digest = createHmac('sha256', signingSecret).update(`${timestamp}.${request?.body}`).digest('hex');
    expect(request?.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'x-nightdesk-timestamp': timestamp,
      'x-nightdesk-signature': `sha256=${digest}`,
      'idempotency-key': notice.id,
    });
  });

  it('to SNS is its text, with a subject and what subscriptions filter by', async () => {
    await send('sns', { text: wild });
    expect(published).toEqual([
      {
        subject: 'Nightdesk: order.filled (info)',
        text: wild,
        attributes: { kind: 'order.filled', severity: 'info', account: 'main' },
      },
    ]);
    expect(server.received).toEqual([]);
  });

  it.each([
    ['telegram', 4_096, (text: string) => text.replaceAll('&lt;', '<')],
    ['discord', 2_000, (text: string) => text],
    ['slack', 4_000, (text: string) => text.replaceAll('&lt;', '<')],
  ] as const)('to %s is cut to what fits', async (type, lengthMax, shown) => {
    server.answer = taken[type];
    await send(type, { text: '<'.repeat(9_000) });
    const { content, text } = sentBody();
    const length = shown(String(content ?? text)).length;
    expect(length).toBeLessThanOrEqual(lengthMax);
    expect(length).toBeGreaterThan(lengthMax / 2);
  });
});

describe.each(posting)('a %s channel', (type) => {
  it('that takes the message is done', async () => {
    server.answer = taken[type];
    await expect(send(type)).resolves.toBeUndefined();
    expect(server.received).toHaveLength(1);
  });

  it.each([
    ['500', { status: 500, body: 'oops' }, 'answered 500'],
    ['503 with a page', { status: 503, body: `<html>${'x'.repeat(100_000)}` }, 'answered 503'],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:9/' } }, 'answered 302'],
    ['silence', 'silence', 'did not answer within 300 ms'],
    ['half an answer', 'stall', 'did not answer within 300 ms'],
    ['the end of the connection', 'drop', 'could not be reached'],
    ['what is no HTTP', 'garbage', 'could not be reached'],
  ] as const)('that answers with %s has not taken it', async (_name, answer, reason) => {
    server.answer = answer as ChannelServer['answer'];
    const error = await failure(type);
    expect(error).toBeInstanceOf(ChannelError);
    expect(error.message).toContain(reason);
    expect(server.received).toHaveLength(1);
  });

  it('that nobody listens for could not be reached', async () => {
    const { url } = server;
    const secret = secretOf(type);
    await server.close();
    const error = await failure(type, { secret });
    expect(error.message).toBe('channel phone could not be reached (ECONNREFUSED)');
    expect(error.message).not.toContain(url);
    server = await startChannelServer();
  });

  it.each([
    ['in the header', { status: 429, headers: { 'retry-after': '17' } }, 17],
    ['in the body, as Telegram does', { status: 429, body: '{"ok":false,"parameters":{"retry_after":31}}' }, 31],
    ['in the body, as Discord does', { status: 429, body: '{"retry_after":1.2,"global":false}' }, 2],
    ['in both', { status: 429, headers: { 'retry-after': '5' }, body: '{"retry_after":3}' }, 5],
    ['as a date', { status: 429, headers: { 'retry-after': 'Sat, 21 Nov 2026 10:00:00 GMT' } }, undefined],
    ['not at all', { status: 429, body: '[]' }, undefined],
  ])('that is asked too much is left alone for as long as it says %s', async (_where, answer, seconds) => {
    server.answer = answer as ChannelServer['answer'];
    expect(await failure(type)).toMatchObject({ name: 'ChannelError', retryAfterSeconds: seconds });
  });

  it('tells no secret, even where it echoes what it was sent', async () => {
    const secret = secretOf(type);
    const ofHooks = ['very-secret-path', ...(type === 'webhook' ? [signingSecret] : [])];
    const secrets = type === 'telegram' ? [botToken, 'AAE-token_of-a-bot', '100123'] : ofHooks;
    for (const echo of [JSON.stringify(secret), ...secrets]) {
      for (const body of [
        echo,
        JSON.stringify({ ok: false, description: `Not Found: ${echo}`, code: 1, retry_after: 1 }),
      ]) {
        server.answer = { status: 404, body };
        const error = await failure(type);
        const told = JSON.stringify([error.message, error.stack, error.cause, describeError(error), error]);
        for (const each of [...secrets, server.url]) expect(told).not.toContain(each);
      }
    }
  });

  it.each([
    ['nothing', '', 'must be a JSON object'],
    ['no JSON', 'very-secret-path', 'must be a JSON object'],
    ['what is no object', '"very-secret-path"', 'must be a JSON object'],
    ['empty fields', { url: '', secret: '', botToken: '', chatId: '' }, 'must be the'],
    ['other fields', { apiKey: 'very-secret-path' }, 'must be the'],
  ])('whose secret holds %s says what to put there', async (_name, secret, reason) => {
    const error = await failure(type, { secret });
    expect(error).toBeInstanceOf(SecretUnavailableError);
    expect(error.message).toContain('secret desk/channels/phone: ');
    if (secret !== '') expect(error.message).toContain(reason);
    expect(error.message).not.toContain('very-secret-path');
    expect(server.received).toEqual([]);
  });
});

describe('the secret of a channel', () => {
  it.each([
    ['discord', 'http://discord.example/very-secret-path'],
    ['slack', 'https://user:very-secret-path@hooks.example/'],
    ['webhook', 'file:///very-secret-path'],
    ['discord', 'very-secret-path'],
  ] as const)('of type %s is refused for an address such as %s', async (type, url) => {
    const error = await failure(type, { secret: { url, secret: signingSecret } });
    expect(error.message).toBe(
      'secret desk/channels/phone: "url" must be the address of the webhook: https (loopback aside), without a user',
    );
  });

  it('of a bot is refused where it could lead to another path', async () => {
    const error = await failure('telegram', { secret: { botToken: '1:a/../x', chatId: 'me' } });
    expect(error.message).toBe(
      'secret desk/channels/phone: "botToken" must be the token of the bot; "chatId" must be the id of the chat',
    );
  });

  it('of a webhook is refused where it is too short to sign with', async () => {
    const error = await failure('webhook', { secret: { ...secretOf('webhook'), secret: 'short' } });
    expect(error.message).toContain('"secret" must be what messages are signed with, at least 16 characters');
  });
});

describe('a refusal', () => {
  it.each([
    [
      'telegram',
      '{"ok":false,"description":"Bad Request: chat not found"}',
      '(telegram) answered 400: Bad Request: chat not found',
    ],
    ['discord', '{"code":10015,"message":"Unknown Webhook"}', '(discord) answered 400: code 10015'],
    ['slack', 'channel_is_archived', '(slack) answered 400: channel_is_archived'],
    ['slack', 'No, thank you', '(slack) answered 400'],
    ['webhook', 'channel_is_archived', '(webhook) answered 400'],
  ] as const)('of %s is told in the platform’s own word, where it has one', async (type, body, message) => {
    server.answer = { status: 400, body };
    expect((await failure(type)).message).toBe(`channel phone ${message}`);
  });

  it.each([
    ['telegram', 'garbage'],
    ['telegram', '{"ok":false}'],
    ['slack', '<html>ok</html>'],
  ] as const)('of %s can come with 200, as %s', async (type, body) => {
    server.answer = { status: 200, body };
    expect((await failure(type)).message).toBe(`channel phone (${type}) answered 200`);
  });

  it('of SNS is told by its class, and a topic that is not there by what makes it', async () => {
    const { channels } = deskConfig({ notifications: { channels: { mail: { type: 'sns' } } } }).notifications;
    const sendBy = (publish: ((message: TopicMessage) => Promise<void>) | undefined) => {
      const channel = channels.mail;
      if (channel === undefined) throw new Error('no channel');
      const sender = createSender({ secrets: createFakeSecrets(), secretsPrefix: 'desk', publish });
      return sender({ id: 'mail', channel, notice, text: 'text', nowMs, fresh: false });
    };
    const refuse = (error: unknown) => sendBy(() => Promise.reject(error));
    await expect(refuse(new TypeError('very-secret-path'))).rejects.toThrow(
      'channel mail (sns) could not be published to: TypeError',
    );
    await expect(refuse('very-secret-path')).rejects.toThrow('channel mail (sns) could not be published to: unknown');
    await expect(sendBy(undefined)).rejects.toThrow('channel mail has no topic yet: it is made by the next deployment');
  });
});
