/** `config/notifications.yaml`: who is told what, and by which way. */
import * as z from 'zod';
import { type NoticeKind, noticeKinds, noticeSeverities } from '../notifications/notice.ts';
import { placeholdersOf, unknownPlaceholders } from '../notifications/text.ts';
import { baseUrl, identifier } from './fields.ts';

export const channelTypes = ['sns', 'telegram', 'discord', 'slack', 'webhook'] as const;
export type ChannelType = (typeof channelTypes)[number];

const templateLengthMax = 1_000;

/** One optional setting per kind, so that an editor offers them and a slip of the pen is noticed. */
const ofEachKind = <Schema extends z.ZodType>(schemaOf: (kind: NoticeKind) => Schema) =>
  z
    .strictObject(Object.fromEntries(noticeKinds.map((kind) => [kind, schemaOf(kind)])) as Record<NoticeKind, Schema>)
    .default({} as never);

const templateOf = (kind: NoticeKind) =>
  z
    .string()
    .min(1)
    .max(templateLengthMax)
    .superRefine((template, context) => {
      for (const name of unknownPlaceholders(kind, template)) {
        const message = `"{${name}}" is no placeholder of ${kind}; known are ${placeholdersOf(kind).join(', ')}`;
        context.addIssue({ code: 'custom', message });
      }
    })
    .optional();

const channelSchema = z
  .strictObject({
    type: z.enum(channelTypes).describe('Where messages go. What proves the right to send there is in its secret.'),
    events: ofEachKind(() => z.boolean().optional()).describe(
      '`true` tells of this kind in any case, `false` never. Kinds that are not listed are told from `severityMin` on.',
    ),
    severityMin: z.enum(noticeSeverities).default('info').describe('Mildest that is told.'),
    accounts: z
      .array(identifier('an account'))
      .min(1)
      .optional()
      .describe('Only of these accounts, and of what concerns all of them. Absent is every account.'),
    templates: ofEachKind(templateOf).describe('Texts in place of the built-in ones, with {placeholders}.'),
    baseUrl: baseUrl.optional().describe('Telegram only: a Bot API server of your own.'),
  })
  .refine(({ type, baseUrl: address }) => address === undefined || type === 'telegram', {
    path: ['baseUrl'],
    message: 'is for channels of type telegram; the addresses of others are in their secrets',
  })
  .describe('One place that is told of what happens.');

export type ChannelConfig = z.output<typeof channelSchema>;

/** Empty where an owner has no such file, or nothing in it: then nobody is told. */
export const notificationsSchema = z
  .strictObject({ channels: z.record(identifier('a channel'), channelSchema).default({}) })
  .default({ channels: {} });
