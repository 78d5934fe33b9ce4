import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeNewFile } from '@nightdesk/local/candles/export/new-file.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

describe('a file that is written at once', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'nightdesk-new-file-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it('leaves nothing behind where it cannot be put in its place', async () => {
    // A folder is where the file should be.
    await expect(writeNewFile(directory, Buffer.from('x'), { force: true })).rejects.toThrow();
    const beside = await readdir(join(directory, '..'));
    expect(beside.filter((name) => name.endsWith('.part') && directory.includes(name.split('.')[0] ?? ''))).toEqual([]);
  });

  it('is there as it was given, and is not replaced unasked', async () => {
    const path = join(directory, 'deep', 'file');
    expect(await writeNewFile(path, Buffer.from('first'), { force: false })).toBe(5);
    await expect(writeNewFile(path, Buffer.from('second'), { force: false })).rejects.toThrow('--force replaces it');
    expect(await readFile(path, 'utf8')).toBe('first');
    expect(existsSync(`${path}.${process.pid}.part`)).toBe(false);
  });
});
