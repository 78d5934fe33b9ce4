import { SizingError } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { runSize, sizeHelp, UsageError } from '../../local/size/size-options.ts';

const run = (text: string): string => runSize(text.split(' ').filter((word) => word !== ''));
const terms = '--equity 10000 --risk 1% --entry 100 --stop 95';

describe('npm run size', () => {
  it.each([
    [terms, '20 (worth 2000 at the entry)'],
    [`${terms} --notional-max 500`, '5 (worth 500 at the entry, less than the risk allows because of notionalMax)'],
    [`${terms} --leverage-max 0.1 --json`, '{"amount":"10","notional":"1000","cappedBy":"leverageMax"}'],
    ['--equity 10000 --risk 0.5% --entry 100 --stop 107 --step 0.1', '7.1 (worth 710 at the entry)'],
    ['--help', sizeHelp],
  ])('says to %s: %s', (args, answer) => {
    expect(run(args)).toBe(answer);
  });

  it.each([
    ['', UsageError, 'missing: --equity, --risk, --entry, --stop'],
    [`${terms} --leverage 2`, UsageError, "Unknown option '--leverage'"],
    ['--equity 10000 --risk 1 --entry 100 --stop 95', SizingError, 'a share such as 1%'],
    ['--equity 10000 --risk 101% --entry 100 --stop 95', SizingError, 'risk must be 1 or less'],
    ['--equity 10000 --risk 1% --entry NaN --stop 95', SizingError, 'entry must be a decimal above zero, got NaN'],
  ])('refuses %s', (args, kind, message) => {
    expect(() => run(args)).toThrow(kind);
    expect(() => run(args)).toThrow(message);
  });
});
