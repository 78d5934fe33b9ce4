/** Notices as sentences for people: built in, or by an owner's templates. */
import { amount, compare, type Decimal, isPositive, type Notional, type Price, roundToStep } from '../money.ts';
import {
  type ConfigNotice,
  type FindingNotice,
  findingNoticeKinds,
  type Notice,
  type NoticeKind,
  type OrderNotice,
  orderNoticeKinds,
  type RiskNotice,
} from './notice.ts';

/** What a template says where the notice does not know. */
const unknownText = '–';

const roleNames: ReadonlyMap<string, string> = new Map([
  ['reduce', 'Reducing '],
  ['take_profit', 'Take-profit '],
  ['stop_loss', 'Stop-loss '],
  ['close', 'Closing '],
]);

const protections: ReadonlyMap<string, string> = new Map([
  ['protected', 'is protected again'],
  ['done', 'needs no protection any more'],
]);

const common = {
  id: ({ id }: Notice) => id,
  kind: ({ kind }: Notice) => kind,
  severity: ({ severity }: Notice) => severity,
  time: ({ atMs }: Notice) => `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`,
  account: ({ account }: Notice) => account,
};

type Placeholders<Subject> = Readonly<Record<string, (notice: Subject) => string | undefined>>;

/** Those that begin with a space, a comma or a colon are parts of sentences, and empty where there is nothing to say. */
const orderPlaceholders: Placeholders<OrderNotice> = {
  ...common,
  order: orderText,
  orderId: ({ orderId }) => orderId,
  signalId: ({ signalId }) => signalId,
  source: ({ source }) => source,
  venue: ({ venue }) => venue,
  symbol: ({ symbol }) => symbol,
  state: ({ state }) => state,
  type: ({ type }) => type,
  role: ({ role }) => role,
  side: ({ side }) => side?.toUpperCase(),
  amount: ({ amount: whole }) => whole && formatDecimal(whole),
  filled: ({ filled }) => formatDecimal(filled),
  price: ({ price }) => price && formatDecimal(price),
  averagePrice: ({ averagePrice }) => averagePrice && formatPrice(averagePrice),
  cost: ({ cost }) => cost && formatDecimal(cost),
  cause: ({ cause }) => cause?.message,
  causeCode: ({ cause }) => cause?.code,
  failedOverTo: ({ failedOverTo }) => failedOverTo,
  protection: ({ protection }) =>
    protection === undefined ? undefined : (protections.get(protection) ?? 'waits for what is to be protected'),
  atLimit: ({ price }) => (price === undefined ? '' : `, limit ${formatDecimal(price)},`),
  atAverage,
  progress: (notice) =>
    isPositive(notice.filled)
      ? `, ${formatDecimal(notice.filled)} of it filled${atAverage(notice)}`
      : ', nothing of it filled',
  because: ({ cause, failedOverTo }) =>
    `${cause === undefined ? '' : `: ${cause.message} (${cause.code})`}${failedOverTo === undefined ? '' : `. Account ${failedOverTo} has it now`}`,
};

const riskPlaceholders: Placeholders<RiskNotice> = {
  ...common,
  scope: ({ account }) => (account === '*' ? 'all accounts' : `account ${account}`),
  state: ({ state }) => state,
  before: ({ before }) => before,
  fromBefore: ({ before, state }) => (before === undefined || before === state ? '' : ` from ${before}`),
  by: ({ by }) => by,
  reason: ({ reason }) => reason,
};

const findingPlaceholders: Placeholders<FindingNotice> = {
  ...common,
  subject: ({ subject }) => subject,
  difference: ({ difference }) => difference?.replaceAll('_', ' '),
  amount: ({ amount: whole }) => whole && formatDecimal(whole),
  size: ({ amount: whole }) => whole && formatDecimal(whole).replace('-', ''),
  worth: ({ worth }) => worth && formatWorth(worth),
  breaker: ({ breaker }) => breaker,
  venue: ({ venue }) => venue,
  cause: ({ cause }) => cause?.message,
  causeCode: ({ cause }) => cause?.code,
  message: ({ message }) => message,
  ofWorth: ({ worth }) => (worth === undefined ? '' : ` (worth ${formatWorth(worth)})`),
  because: ({ cause }) => (cause === undefined ? '' : `: ${cause.message} (${cause.code})`),
  details: ({ message }) => (message === undefined ? '' : `: ${message}`),
};

const configPlaceholders: Placeholders<ConfigNotice> = {
  ...common,
  by: ({ by }) => by,
  paths: ({ paths, unlisted }) => {
    const more = unlisted === undefined ? [] : [`${unlisted} more`];
    return paths.length === 0 ? undefined : [...paths, ...more].join(', ');
  },
};

/** The sentences that are told where notifications.yaml has no template, by kind. */
export const builtInTemplates: Readonly<Record<NoticeKind, string>> = {
  'order.accepted': '{order}{atLimit} was accepted and is open.',
  'order.partially_filled': '{order}: {filled} of it filled so far{atAverage}.',
  'order.filled': '{order} filled{atAverage}.',
  'order.canceled': '{order} was canceled{progress}{because}.',
  'order.expired': '{order} expired{progress}{because}.',
  'order.rejected': '{order} was rejected by the exchange{because}.',
  'order.denied': '{order} was denied by Nightdesk{because}.',
  'order.unknown': '{order} is in doubt{because}. Nightdesk goes on asking the exchange about it.',
  'order.not_placed': '{order} was not placed: the exchange does not have it{because}.',
  'protection.failed': 'The position of {order} is not protected as planned{because}. Look at it now.',
  'protection.restored': 'The position of {order} {protection}.',
  'risk.switched': 'Trading of {scope} was switched{fromBefore} to {state} by {by}: {reason}.',
  'books.missed_fill': 'Account {account}: {message}.',
  'books.lost_order': 'Account {account}: {message}. Nightdesk goes on looking at it.',
  'books.deposit': 'Account {account}: deposit of {size} {subject}{details}.',
  'books.withdrawal': 'Account {account}: withdrawal of {size} {subject}{details}. If it was not you, look at it now.',
  'books.outsider_order': 'Somebody else trades with account {account}: {message}. If it was not you, revoke the key.',
  'books.outsider_fill': 'Somebody else trades with account {account}: {message}. If it was not you, revoke the key.',
  'books.outsider_position':
    'Somebody else trades with account {account}: {message}{ofWorth}. If it was not you, revoke the key.',
  'books.drift': 'The balance of account {account} is not explained: {message}{ofWorth}. Look at it now.',
  'books.settled': 'Account {account}: {difference} ({subject}) is settled: {message}.',
  'books.unanswered': 'Account {account} cannot be compared with {venue}{because}. Nightdesk goes on asking.',
  'books.answered': 'Account {account} is compared with {venue} again.',
  'breaker.tripped': 'The breaker {breaker} of account {account} rings{details}.',
  'breaker.blind': 'The breaker {breaker} of account {account} cannot see{details}.',
  'breaker.sighted': 'The breaker {breaker} of account {account} can see again.',
  'config.changed': 'The configuration was changed ({by}): {paths}.',
};

/** Names that a template of this kind may have in braces. */
export function placeholdersOf(kind: NoticeKind): string[] {
  if (orderNoticeKinds.some((known) => known === kind)) return Object.keys(orderPlaceholders);
  if (findingNoticeKinds.some((known) => known === kind)) return Object.keys(findingPlaceholders);
  return Object.keys(kind === 'config.changed' ? configPlaceholders : riskPlaceholders);
}

const placeholderPattern = /\{([^{}]*)\}/g;

/** Names in braces that a template of this kind cannot have. */
export function unknownPlaceholders(kind: NoticeKind, template: string): string[] {
  const known = placeholdersOf(kind);
  const names = [...template.matchAll(placeholderPattern)].map(([, name = '']) => name);
  return [...new Set(names.filter((name) => !known.includes(name)))];
}

/**
 * What a person reads, without any markup.
 *
 * @param template instead of the built-in sentence; the way it is, without a word on how urgent it is
 */
export function textOfNotice(notice: Notice, template?: string): string {
  const values = valuesOf(notice);
  const sentence = (template ?? builtInTemplates[notice.kind]).replace(
    placeholderPattern,
    (_whole, name: string) => values(name) ?? unknownText,
  );
  if (template !== undefined) return sentence;
  const urgency = notice.severity === 'info' ? '' : `${notice.severity.toUpperCase()}: `;
  return `${urgency}${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`;
}

/** The text of a placeholder; `undefined` where the notice does not know, or there is none of that name. */
function valuesOf(notice: Notice): (name: string) => string | undefined {
  if (notice.kind === 'risk.switched') return (name) => placeholderOf(riskPlaceholders, name)?.(notice);
  if (notice.kind === 'config.changed') return (name) => placeholderOf(configPlaceholders, name)?.(notice);
  if (isFinding(notice)) return (name) => placeholderOf(findingPlaceholders, name)?.(notice);
  return (name) => placeholderOf(orderPlaceholders, name)?.(notice);
}

const isFinding = (notice: Notice): notice is FindingNotice =>
  findingNoticeKinds.some((known) => known === notice.kind);

const placeholderOf = <Subject>(known: Placeholders<Subject>, name: string) =>
  Object.hasOwn(known, name) ? known[name] : undefined;

function orderText({ role, side, amount: whole, symbol, venue, account }: OrderNotice): string {
  const what = side === undefined ? 'Order for' : side.toUpperCase();
  const size = whole === undefined ? '' : `${formatDecimal(whole)} `;
  return `${roleNames.get(role ?? '') ?? ''}${what} ${size}${symbol} at ${venue} (${account})`;
}

function atAverage({ averagePrice }: OrderNotice): string {
  return averagePrice === undefined ? '' : ` at ${formatPrice(averagePrice)}`;
}

/** An average for people: rounded half-even to 8 places, or to 16 where it is below one, as prices of some coins are. */
const formatPrice = (price: Price): string =>
  formatDecimal(roundToStep(price, compare(price, '1') < 0 ? '0.0000000000000001' : '0.00000001', 'halfEven'));

/** Half-even to two places: how large it is is what people want to know. */
const formatWorth = (worth: Notional): string => formatDecimal(roundToStep(worth, '0.01', 'halfEven'));

/** `64120.50` → `64,120.5` */
const formatDecimal = (value: Decimal): string => amount(value).replace(/^-?\d+/, groupDigits);

const groupDigits = (digits: string): string => digits.replace(/\B(?=(\d{3})+$)/g, ',');
