import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configDocuments, type DeskConfig, parseDeskConfig } from '@nightdesk/core';
import { parse } from 'yaml';

/**
 * Reads `<directory>/*.yaml`, what an owner edits, into the one document that the functions are given.
 *
 * @throws ConfigurationError with every defect at once, or the YAML parser's error with the name of the file.
 */
export function readDeskConfig(directory: string): DeskConfig {
  return parseDeskConfig(
    Object.fromEntries(configDocuments.map((name) => [name, readDocument(join(directory, `${name}.yaml`))])),
  );
}

function readDocument(file: string): unknown {
  try {
    // An empty file is an empty document: a desk without sources is a desk that takes no signals.
    return parse(readFileSync(file, 'utf8')) ?? {};
  } catch (error) {
    throw new Error(`${file} cannot be read: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}
