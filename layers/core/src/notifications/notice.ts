/** What people are told of: one notice for each thing that became of an order, its protection, a switch or an account. */
import { sha256Hex } from '../ids.ts';
import { canonicalJson } from '../journal/canonical-json.ts';
import type { Amount, Notional, Price } from '../money.ts';
import type { Cause } from '../ports/venue.ts';

export const orderNoticeKinds = [
  'order.accepted',
  'order.partially_filled',
  'order.filled',
  'order.canceled',
  'order.expired',
  'order.rejected',
  'order.denied',
  'order.unknown',
  'order.not_placed',
  'protection.failed',
  'protection.restored',
] as const;
export type OrderNoticeKind = (typeof orderNoticeKinds)[number];

/** What reconciliation and breakers find. Those of differences are named after them. */
export const findingNoticeKinds = [
  'books.missed_fill',
  'books.lost_order',
  'books.deposit',
  'books.withdrawal',
  'books.outsider_order',
  'books.outsider_fill',
  'books.outsider_position',
  'books.drift',
  'books.settled',
  'books.unanswered',
  'books.answered',
  'breaker.tripped',
  'breaker.blind',
  'breaker.sighted',
] as const;
export type FindingNoticeKind = (typeof findingNoticeKinds)[number];

export const noticeKinds = [...orderNoticeKinds, 'risk.switched', ...findingNoticeKinds, 'config.changed'] as const;
export type NoticeKind = (typeof noticeKinds)[number];

/** Mildest first. `critical`: money may be at risk, look now; `warning`: look today. */
export const noticeSeverities = ['info', 'warning', 'critical'] as const;
export type NoticeSeverity = (typeof noticeSeverities)[number];

interface NoticeHead {
  /** The same for every delivery of the same change: derived from the row, its version and the kind. */
  id: string;
  severity: NoticeSeverity;
  /** When Nightdesk learned it; UTC epoch milliseconds. */
  atMs: number;
  /** `*` is all accounts. */
  account: string;
  /** Of the row after the change, or the event's place in its stream. Of two notices about one of them, the higher came later. */
  version: number;
}

export interface OrderNotice extends NoticeHead {
  kind: OrderNoticeKind;
  orderId: string;
  signalId: string;
  source: string;
  venue: string;
  symbol: string;
  state: string;
  type?: string;
  role?: string;
  side?: string;
  amount?: Amount;
  filled: Amount;
  /** Limit of the order. */
  price?: Price;
  /** Of what is filled; absent where it cannot be told from the fills or the cost. */
  averagePrice?: Price;
  cost?: Notional;
  /** Why; of the protection in notices about that. */
  cause?: Cause;
  /** The account that has the leg now. */
  failedOverTo?: string;
  /** State of the order's exits, in notices about its protection. */
  protection?: string;
}

export interface RiskNotice extends NoticeHead {
  kind: 'risk.switched';
  state: string;
  /** State before; absent where the switch was never set. */
  before?: string;
  /** A role of people, or what switched by itself. */
  by: string;
  reason: string;
}

export interface FindingNotice extends NoticeHead {
  kind: FindingNoticeKind;
  /** An asset, a symbol or the id of an order. */
  subject?: string;
  /** Of what is settled: which kind of difference it was. */
  difference?: string;
  /** What the venue shows more (above zero) or less than the desk explains; of deposits and withdrawals how much it was. */
  amount?: Amount;
  /** The same, without its sign, in the owner's currency. */
  worth?: Notional;
  breaker?: string;
  /** The exchange, in notices about its answers. */
  venue?: string;
  cause?: Cause;
  /** What was found, for people. */
  message?: string;
}

export interface ConfigNotice extends NoticeHead {
  kind: 'config.changed';
  /** Where it was changed from. */
  by: string;
  /** Names of the settings, e.g. `risk.default.orderNotionalMax`; not what is in them. */
  paths: string[];
  /** How many more there are. */
  unlisted?: number;
}

export type Notice = OrderNotice | RiskNotice | FindingNotice | ConfigNotice;

/** What waits to be sent: a notice for one channel of notifications.yaml. */
export interface NoticeMessage {
  channel: string;
  notice: Notice;
}

const idDigits = 32;

/** @param row which row of which table, or stream of the journal, e.g. `order#nd…` */
export const noticeIdOf = (row: string, version: number, kind: NoticeKind): string =>
  `nt${sha256Hex(canonicalJson(['notice', row, version, kind])).slice(0, idDigits)}`;

const textLengthMax = 300;
/** Line breaks, and whatever else is not to be seen. */
const unseen = /[\p{Cc}\p{Zl}\p{Zp}\s]+/gu;

/** Text from elsewhere as it may stand in a sentence: on one line, of bounded length, without the full stop at its end. */
export function tidy(text: string): string {
  const line = text.replace(unseen, ' ').trim();
  return fitText(line.endsWith('.') && !line.endsWith('..') ? line.slice(0, -1) : line, textLengthMax);
}

/** The text, cut where it is longer than this many UTF-16 units. Never cuts a character in two. */
export function fitText(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  const end = lengthMax - 1;
  const last = text.charCodeAt(end - 1);
  const splits = last >= 0xd800 && last <= 0xdbff;
  return `${text.slice(0, splits ? end - 1 : end)}…`;
}
