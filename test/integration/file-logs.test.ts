import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFileLogs, type Logs } from '../../local/cloud/lambda/logs.ts';

const logBytesMax = 100;
/** 20 bytes, in fewer characters. */
const line = (number: number): string => `line ${String(number).padStart(4)} of é €\n`;

let directory: string;
let logs: Logs;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nightdesk-logs-'));
  logs = createFileLogs(directory, logBytesMax);
});
afterEach(async () => {
  await logs.close();
  rmSync(directory, { recursive: true });
});

const pathOf = (name: string) => join(directory, name);
const read = (name: string) => readFileSync(pathOf(name), 'utf8');
const lines = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_each, index) => line(first + index)).join('');

function write(first: number, last: number): void {
  const log = logs.forFunction('probe');
  for (let number = first; number <= last; number += 1) log(line(number));
}

it('sets a log aside while it is written, as soon as it is beyond its bound, and keeps one of those', () => {
  expect(Buffer.byteLength(line(1))).toBe(20);
  write(1, 6);
  expect(existsSync(pathOf('probe.log.1'))).toBe(false);
  write(7, 8);
  expect([read('probe.log.1'), read('probe.log')]).toEqual([lines(1, 6), lines(7, 8)]);
  write(9, 14);
  expect([read('probe.log.1'), read('probe.log')]).toEqual([lines(7, 12), lines(13, 14)]);
  write(15, 500);
  const bytes = ['probe.log', 'probe.log.1'].map((name) => statSync(pathOf(name)).size);
  expect(Math.max(...bytes)).toBeLessThanOrEqual(logBytesMax + 20);
});

it('counts what an earlier process wrote', () => {
  writeFileSync(pathOf('probe.log'), lines(1, 6));
  write(7, 7);
  expect([read('probe.log.1'), read('probe.log')]).toEqual([lines(1, 6), line(7)]);
});

it('counts each function by itself', () => {
  write(1, 6);
  logs.forFunction('another')(line(1));
  expect([read('probe.log'), read('another.log')]).toEqual([lines(1, 6), line(1)]);
  expect(existsSync(pathOf('probe.log.1'))).toBe(false);
});

it('goes on in the same file where it cannot be set aside, and tries again a bound later', () => {
  mkdirSync(join(pathOf('probe.log.1'), 'in the way'), { recursive: true });
  write(1, 12);
  expect(read('probe.log')).toBe(lines(1, 12));
  rmSync(pathOf('probe.log.1'), { recursive: true });
  write(13, 13);
  expect([read('probe.log.1'), read('probe.log')]).toEqual([lines(1, 12), line(13)]);
});

it('writes a new file when somebody has removed the one it wrote', () => {
  write(1, 6);
  rmSync(pathOf('probe.log'));
  write(7, 7);
  expect(read('probe.log')).toBe(line(7));
});
