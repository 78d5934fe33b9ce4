/** Notices as sentences for people: built in, or by an owner's templates. */
import { amount, compare, type Decimal, isPositive, type Price, roundToStep } from '../money.ts';
import { type Notice, type NoticeKind, type OrderNotice, orderNoticeKinds, type RiskNotice } from './notice.ts';

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
  state: ({ state }: Notice) => state,
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
  before: ({ before }) => before,
  fromBefore: ({ before, state }) => (before === undefined || before === state ? '' : ` from ${before}`),
  by: ({ by }) => by,
  reason: ({ reason }) => reason,
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
};

const isOrderKind = (kind: NoticeKind): boolean => orderNoticeKinds.some((known) => known === kind);

/** Names that a template of this kind may have in braces. */
export const placeholdersOf = (kind: NoticeKind): string[] =>
  Object.keys(isOrderKind(kind) ? orderPlaceholders : riskPlaceholders);

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
  return notice.kind === 'risk.switched'
    ? (name) => placeholderOf(riskPlaceholders, name)?.(notice)
    : (name) => placeholderOf(orderPlaceholders, name)?.(notice);
}

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

/** `64120.50` → `64,120.5` */
const formatDecimal = (value: Decimal): string => amount(value).replace(/^\d+/, groupDigits);

const groupDigits = (digits: string): string => digits.replace(/\B(?=(\d{3})+$)/g, ',');
