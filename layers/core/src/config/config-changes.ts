/**
 * What is told of the configuration in the journal: that it was seen first, and every change of it, with the values before and
 * after. The configuration names no secret: keys, tokens and the addresses of channels are in Secrets Manager, and its
 * schemas refuse addresses with a user and a password.
 */
import { sha256Hex } from '../ids.ts';
import { canonicalJson } from '../journal/canonical-json.ts';
import { chainStart, type JournalEvent, seal, streams } from '../journal/chain.ts';
import type { DeskConfig } from './desk-config.ts';

export interface ConfigChange {
  /** Names from the document on, joined by dots, e.g. `risk.default.orderNotionalMax`. */
  path: string;
  /** Absent where there was nothing. */
  before?: unknown;
  /** Absent where there is nothing any more. */
  after?: unknown;
}

/** Who changed it, as far as that can be told: AppConfig does not say who deployed. */
export type ConfigAuthor = 'deployment' | 'local file';

export interface ConfigEventData {
  /** SHA-256 of the document's canonical JSON, in lower-case hex: the label of this version. */
  version: string;
  by: ConfigAuthor;
  /** The first `changesMax` of them; absent in the first event, and where the document before was too large to be kept. */
  changes?: ConfigChange[];
  /** How many more there are. */
  unlisted?: number;
  /** All of it, for the next comparison; absent where it is larger than `documentLengthMax`. */
  document?: unknown;
}

/** A row of the journal holds 400 KB, and characters take up to three bytes. */
const documentLengthMax = 100_000;
const changesMax = 200;
/** The changes of one event together: values are listed up to here. */
const changesLengthMax = 20_000;

/**
 * The event that follows `last`; `undefined` where the configuration is still the same.
 *
 * @param last of the `config` stream
 */
export function nextConfigEvent(
  last: JournalEvent | undefined,
  config: DeskConfig,
  { atMs, by }: { atMs: number; by: ConfigAuthor },
): JournalEvent | undefined {
  const document = toJournal(config);
  const text = canonicalJson(document);
  const version = sha256Hex(text);
  // The hash of the event has shown that it is what was sealed here.
  const known = last?.data as ConfigEventData | undefined;
  if (known?.version === version) return undefined;
  const data: ConfigEventData = {
    ...{ version, by },
    ...(known?.document !== undefined && listed(configChanges(known.document, document))),
    ...(text.length <= documentLengthMax && { document }),
  };
  const end = last ?? chainStart;
  const type = last === undefined ? 'config.seen' : 'config.changed';
  return seal({ stream: streams.config, sequence: end.sequence + 1, type, atMs, data }, end.hash);
}

function listed(changes: readonly ConfigChange[]): Pick<ConfigEventData, 'changes' | 'unlisted'> {
  let length = 0;
  const shown: ConfigChange[] = [];
  for (const change of changes.slice(0, changesMax)) {
    length += canonicalJson(change).length;
    if (length > changesLengthMax) break;
    shown.push(change);
  }
  const unlisted = changes.length - shown.length;
  return { changes: shown, ...(unlisted > 0 && { unlisted }) };
}

/** Where two documents differ, by path; lists count as one value. */
export function configChanges(before: unknown, after: unknown, path = ''): ConfigChange[] {
  if (before !== undefined && after !== undefined && canonicalJson(before) === canonicalJson(after)) return [];
  if (!isRecord(before) || !isRecord(after)) {
    return [{ path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
  }
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name) => {
    // Both sides may have it or not, and neither is asked for what every object has.
    const of = (document: Record<string, unknown>) => (Object.hasOwn(document, name) ? document[name] : undefined);
    if (of(before) === undefined && of(after) === undefined) return [];
    return configChanges(of(before), of(after), path === '' ? name : `${path}.${name}`);
  });
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The same in what the journal can hold: fractions as text, as `minConfidence` is one. */
function toJournal(value: unknown): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : String(value);
  if (Array.isArray(value)) return value.map(toJournal);
  if (!isRecord(value)) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, toJournal(member)]));
}
