/** Checks the documents of a configuration: each by itself, then all together. */
import type * as z from 'zod';
import { ConfigurationError } from '../errors.ts';
import { checkMarkKey } from './check-mark.ts';
import { checkTogether } from './cross-checks.ts';
import { type ConfigDocument, configDocuments, configSchemas, type DeskConfig } from './desk-config.ts';

/** One thing wrong with a configuration. */
export interface ConfigDefect {
  /** From the document's name to the field: `['accounts', 'main', 'exchange']`; numbers are places in a list. */
  path: readonly PropertyKey[];
  message: string;
}

/**
 * Finds every defect of the documents that are given. A document that could not be read may be left out: what refers to
 * it is then not checked.
 */
export function findConfigDefects(documents: Partial<Record<ConfigDocument, unknown>>): ConfigDefect[] {
  return examine(documents).defects;
}

/**
 * Checks the documents together. One that nobody must write is as its defaults say where it is absent; the mark of an earlier
 * check is passed over.
 *
 * @throws ConfigurationError with one issue per defect; a path starts with the document's name, e.g. `accounts.main.exchange`.
 */
export function parseDeskConfig(documents: unknown): DeskConfig {
  const given = (typeof documents === 'object' && documents !== null ? documents : {}) as Record<string, unknown>;
  const known: readonly string[] = [...configDocuments, checkMarkKey];
  const unknown = Object.keys(given).filter((name) => !known.includes(name));
  const strangers = unknown.map((name) => ({ path: [name], message: 'is no document of a configuration' }));
  const { config, defects } = examine(Object.fromEntries(configDocuments.map((name) => [name, given[name]])));
  const issues = [...strangers, ...defects].map(({ path, message }) => ({ path: path.join('.'), message }));
  if (issues.length > 0) throw new ConfigurationError('the configuration is not usable:', issues);
  // Without a defect every document has passed its schema.
  return config as DeskConfig;
}

function examine(documents: Partial<Record<ConfigDocument, unknown>>): {
  config: Partial<DeskConfig>;
  defects: ConfigDefect[];
} {
  const config: Partial<Record<ConfigDocument, unknown>> = {};
  const defects: ConfigDefect[] = [];
  for (const name of configDocuments.filter((each) => Object.hasOwn(documents, each))) {
    const result = configSchemas[name].safeParse(documents[name], { error: messageOf });
    if (result.success) config[name] = result.data;
    else defects.push(...result.error.issues.flatMap((issue) => defectsOf(issue, [name])));
  }
  const usable = config as Partial<DeskConfig>;
  return { config: usable, defects: [...defects, ...checkTogether(usable)] };
}

/** Zod's own message says what type `undefined` should have had. */
const messageOf: z.core.$ZodErrorMap = ({ input }) => (input === undefined ? 'is missing' : undefined);

/** Where zod bundles several defects into one issue, or names the parent of what is wrong, this takes it apart. */
function defectsOf(issue: z.core.$ZodIssue, above: readonly PropertyKey[]): ConfigDefect[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], message: 'is not a setting that exists here' }));
  }
  if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => ({ path, message }));
  return [{ path, message: issue.message }];
}
