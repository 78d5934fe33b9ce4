/** Remembers, over restarts, when each schedule was created and last fired. */
import { join } from 'node:path';
import { readStateFile, writeStateFile } from '../state-file.ts';

export interface FireRecord {
  /** The expression this record belongs to; another one starts anew. */
  readonly expressionText: string;
  readonly createdMs: number;
  readonly lastFireMs: number | undefined;
}

export interface FireLog {
  get(name: string): FireRecord | undefined;
  /** On disk, if there is a directory, when this returns. */
  set(name: string, record: FireRecord): void;
}

/** @throws Error naming the file when what an earlier run left cannot be read. */
export function openFireLog(directory: string | undefined): FireLog {
  const path = directory === undefined ? undefined : join(directory, 'schedules.json');
  const records = new Map(path === undefined ? [] : readRecords(path));
  return {
    get: (name) => records.get(name),
    set(name, record) {
      records.set(name, record);
      if (path !== undefined) writeStateFile(path, Object.fromEntries(records));
    },
  };
}

function readRecords(path: string): [string, FireRecord][] {
  const state = readStateFile(path) ?? {};
  return Object.entries(state).map(([name, record]) => {
    if (!isFireRecord(record)) throw new Error(`state file ${path}: the entry of schedule ${name} cannot be read`);
    return [name, record];
  });
}

function isFireRecord(value: unknown): value is FireRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { expressionText, createdMs, lastFireMs } = value as Partial<Record<keyof FireRecord, unknown>>;
  const isTime = (time: unknown) => typeof time === 'number' && Number.isFinite(time);
  return typeof expressionText === 'string' && isTime(createdMs) && (lastFireMs === undefined || isTime(lastFireMs));
}
