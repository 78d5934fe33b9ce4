import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../../bench/processes/shifted-time.cjs', import.meta.url));
const dayMs = 24 * 60 * 60 * 1000;
const asked = `
  const real = () => performance.timeOrigin + performance.now();
  process.stdout.write(JSON.stringify({
    now: Math.round((Date.now() - real()) / ${dayMs}),
    made: Math.round((new Date() - real()) / ${dayMs}),
    given: new Date(5).getTime(),
    parts: Date.UTC(1970, 0, 2),
    isDate: new Date() instanceof Date,
  }));
`;

it('a process whose time is shifted takes it from the file, and computes with dates as ever', () => {
  const directory = mkdtempSync(join(tmpdir(), 'nightdesk-shifted-'));
  const path = join(directory, 'shift');
  writeFileSync(path, String(3 * dayMs));
  const env = { NIGHTDESK_BENCH_SHIFT: path };
  const { stdout } = spawnSync(process.execPath, ['--require', script, '--eval', asked], { env, encoding: 'utf8' });
  rmSync(directory, { recursive: true });
  expect(JSON.parse(stdout)).toEqual({ now: 3, made: 3, given: 5, parts: dayMs, isDate: true });
});
