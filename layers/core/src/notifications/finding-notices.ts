/** From events of the journal to what people are told of switches, accounts, breakers and the configuration. */
import * as z from 'zod';
import { type Amount, isDecimal, type Notional } from '../money.ts';
import { accountOfEvent, type EventImage, readImage } from './images.ts';
import {
  type ConfigNotice,
  type FindingNotice,
  type FindingNoticeKind,
  findingNoticeKinds,
  type NoticeSeverity,
  noticeIdOf,
  type RiskNotice,
  tidy,
} from './notice.ts';
import { noticesOfSwitch, riskSwitched } from './risk-notices.ts';

const severities: Readonly<Record<FindingNoticeKind, NoticeSeverity>> = {
  'books.missed_fill': 'info',
  'books.lost_order': 'info',
  'books.deposit': 'info',
  // Nobody but the owner takes money out.
  'books.withdrawal': 'warning',
  // Somebody else may have the key.
  'books.outsider_order': 'critical',
  'books.outsider_fill': 'critical',
  'books.outsider_position': 'critical',
  'books.drift': 'critical',
  'books.settled': 'info',
  'books.unanswered': 'warning',
  'books.answered': 'info',
  'breaker.tripped': 'critical',
  'breaker.blind': 'warning',
  'breaker.sighted': 'info',
};

const decimal = z.string().refine(isDecimal);
const words = z.string().transform(tidy);
/** What is not readable of these is left out: the rest is worth telling. */
const amounts = {
  amount: decimal
    .transform((text) => text as Amount)
    .optional()
    .catch(undefined),
  worth: decimal
    .transform((text) => text as Notional)
    .optional()
    .catch(undefined),
};
const cause = z.object({ code: z.string(), message: words }).optional().catch(undefined);

const schemas = {
  difference: z.object({ kind: z.string(), subject: words, message: words, ...amounts }),
  transfer: z.object({ kind: z.string(), asset: words, amount: amounts.amount }),
  settled: z.object({ kind: z.string(), subject: words, reason: words, amount: amounts.amount }),
  answer: z.object({ venue: z.string(), cause }),
  breaker: z.object({ breaker: z.string(), action: z.string().optional(), message: words.optional() }),
  config: z.object({
    by: z.string(),
    changes: z
      .array(z.object({ path: words }))
      .catch([])
      .default([]),
    unlisted: z.int().catch(0).default(0),
  }),
};

/** What an event says beside what every notice does; `undefined` where it is not worth telling. */
type Told = Omit<FindingNotice, 'id' | 'severity' | 'atMs' | 'account' | 'version'>;

/** Events that people may be told of, and what they are told. */
const readers: Readonly<Record<string, (event: EventImage) => Told | undefined>> = {
  'books.difference': (event) => {
    const { kind, subject, message, amount, worth } = readImage(schemas.difference, event.data, event.type);
    return ofDifference(kind, { subject, message, ...given({ amount, worth }) });
  },
  'books.transfer': (event) => {
    const { kind, asset, amount } = readImage(schemas.transfer, event.data, event.type);
    return ofDifference(kind, { subject: asset, ...given({ amount }) });
  },
  'books.settled': (event) => {
    const { kind, subject, reason, amount } = readImage(schemas.settled, event.data, event.type);
    return { kind: 'books.settled', difference: kind, subject, message: reason, ...given({ amount }) };
  },
  'books.unanswered': (event) => ({ kind: 'books.unanswered', ...ofAnswer(event) }),
  'books.answered': (event) => ({ kind: 'books.answered', ...ofAnswer(event) }),
  'breaker.tripped': (event) => {
    const { breaker, action, message } = readImage(schemas.breaker, event.data, event.type);
    // What else a breaker does, it does to the switch, and of that the switch tells.
    return action === 'alarm' ? { kind: 'breaker.tripped', breaker, ...given({ message }) } : undefined;
  },
  'breaker.blind': (event) => ({ kind: 'breaker.blind', ...ofBreaker(event) }),
  'breaker.sighted': (event) => ({ kind: 'breaker.sighted', ...ofBreaker(event) }),
};

const configChanged = 'config.changed';

/** Types of events in the journal of which people may be told. What is of another need not be looked at. */
export const toldEventTypes: readonly string[] = [riskSwitched, ...Object.keys(readers), configChanged];

/**
 * What one event of the journal is worth telling: at most one notice. Its id comes from the place of the event in its stream.
 *
 * @throws ImageError
 */
export function noticesOfEvent(event: EventImage): (RiskNotice | FindingNotice | ConfigNotice)[] {
  if (event.type === riskSwitched) return noticesOfSwitch(event);
  if (event.type === configChanged) return [configNotice(event)];
  const told = Object.hasOwn(readers, event.type) ? readers[event.type]?.(event) : undefined;
  if (told === undefined) return [];
  return [{ ...told, ...headOf(event, told.kind), severity: severities[told.kind], account: accountOfEvent(event) }];
}

const headOf = <Kind extends FindingNoticeKind | ConfigNotice['kind']>(
  { stream, sequence, atMs }: EventImage,
  kind: Kind,
) => ({ id: noticeIdOf(stream, sequence, kind), kind, atMs, version: sequence });

/** Kinds that are not told, as what is too small to matter, and those that are not known here are left out. */
function ofDifference(kind: string, rest: Omit<Told, 'kind'>): Told | undefined {
  const told = findingNoticeKinds.find((known) => known === `books.${kind}`);
  return told && { kind: told, ...rest };
}

function ofAnswer({ data, type }: EventImage): Omit<Told, 'kind'> {
  const { venue, cause: why } = readImage(schemas.answer, data, type);
  return { venue, ...given({ cause: why }) };
}

function ofBreaker({ data, type }: EventImage): Omit<Told, 'kind'> {
  const { breaker, message } = readImage(schemas.breaker, data, type);
  return { breaker, ...given({ message }) };
}

/** As many as a person reads, and as fit into a message. */
const pathsMax = 20;

function configNotice(event: EventImage): ConfigNotice {
  const { by, changes, unlisted } = readImage(schemas.config, event.data, event.type);
  const paths = changes.slice(0, pathsMax).map(({ path }) => path);
  const more = unlisted + changes.length - paths.length;
  return {
    ...headOf(event, configChanged),
    severity: 'info',
    account: '*',
    ...{ by, paths },
    ...(more > 0 && { unlisted: more }),
  };
}

type Given<Values> = { [Name in keyof Values]?: Exclude<Values[Name], undefined> };

/** Only what is known. */
const given = <Values extends object>(values: Values): Given<Values> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<Values>;
