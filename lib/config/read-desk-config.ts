import { readFileSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import {
  type ConfigDocument,
  ConfigurationError,
  type ConfigurationIssue,
  configDocuments,
  type DeskConfig,
  findConfigDefects,
  parseDeskConfig,
  requiredDocuments,
} from '@nightdesk/core';
import { unknownNameDefect } from '@nightdesk/exchange/venue-names.ts';
import { type ConfigFile, parseConfigFile } from './config-file.ts';

/** The text of one of the files an owner edits. */
export interface ConfigText {
  document: ConfigDocument;
  /** Path of the file, the way it is shown. */
  file: string;
  text: string;
}

/**
 * Reads `<directory>/*.yaml`, what an owner edits, into the one document that the functions are given.
 *
 * @param venues names of the exchanges there are; absent leaves the names unchecked
 * @throws ConfigurationError with every defect at once, each with file, line, column and path
 */
export function readDeskConfig(directory: string, venues?: readonly string[]): DeskConfig {
  return parseConfigTexts(readConfigTexts(directory), venues);
}

/**
 * Leaves out a file that is not there and need not be.
 *
 * @throws ConfigurationError naming every file that cannot be read
 */
export function readConfigTexts(directory: string): ConfigText[] {
  const issues: ConfigurationIssue[] = [];
  const texts = configDocuments.flatMap((document) => {
    const path = join(directory, `${document}.yaml`);
    try {
      return [{ document, file: shown(path), text: readFileSync(path, 'utf8') }];
    } catch (error) {
      const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      if (reason === 'ENOENT' && !requiredDocuments.some((required) => required === document)) return [];
      issues.push({ at: shown(path), path: '', message: `cannot be read (${reason})` });
      return [];
    }
  });
  if (issues.length > 0) throw new ConfigurationError(headline, issues);
  return texts;
}

const headline = 'the configuration is not usable:';

/** As `readDeskConfig`, of texts that were read before. */
export function parseConfigTexts(texts: readonly ConfigText[], venues?: readonly string[]): DeskConfig {
  const files = new Map(texts.map(({ document, file, text }) => [document, parseConfigFile(file, text)]));
  const issues = [...files.values()].flatMap(({ defects }) => defects.map((defect) => ({ path: '', ...defect })));
  const readable = [...files].filter(([, { defects }]) => defects.length === 0);
  const documents: Partial<Record<ConfigDocument, unknown>> = Object.fromEntries(
    readable.map(([name, { content }]) => [name, content]),
  );
  const defects = [...findConfigDefects(documents), ...nameDefects(documents.exchanges, venues)];
  issues.push(...defects.map(({ path, message }) => ({ at: placeOf(files, path), path: path.join('.'), message })));
  if (issues.length > 0) throw new ConfigurationError(headline, issues);
  return parseDeskConfig(documents);
}

function placeOf(files: ReadonlyMap<PropertyKey, ConfigFile>, [name = '', ...path]: readonly PropertyKey[]): string {
  return files.get(name)?.locate(path) ?? '';
}

function nameDefects(exchanges: unknown, venues: readonly string[] | undefined) {
  if (venues === undefined || typeof exchanges !== 'object' || exchanges === null || Array.isArray(exchanges))
    return [];
  return Object.keys(exchanges).flatMap((name) => {
    const message = unknownNameDefect(name, venues);
    return message === undefined ? [] : [{ path: ['exchanges', name], message }];
  });
}

/** From the folder one works in, where the file is below it: editors and terminals open such a place on a click. */
function shown(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith('..') || isAbsolute(fromHere) ? path : fromHere;
}
