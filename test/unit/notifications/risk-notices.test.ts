import { ImageError, noticeIdOf } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { eventNotices, switchedRow } from '../../support/notices.ts';

describe('a switch that was set', () => {
  it('is told with who did it and why', () => {
    expect(eventNotices(switchedRow())).toEqual([
      {
        id: noticeIdOf('risk#main', 4, 'risk.switched'),
        kind: 'risk.switched',
        severity: 'critical',
        atMs: Date.UTC(2026, 10, 21, 9, 30),
        version: 4,
        account: 'main',
        state: 'halted',
        before: 'active',
        by: 'risk',
        reason: 'lost too much today',
      },
    ]);
  });

  it.each([
    ['of all accounts', 'risk#*', '*'],
    ['of an account with a strange name', 'risk#a#b', 'a#b'],
  ])('is told as that %s', (_name, stream, account) => {
    expect(eventNotices(switchedRow({}, { stream }))).toMatchObject([{ account }]);
  });

  it.each([
    ['never before', undefined],
    ['in a way that cannot be read', 7],
  ])('is told where it was set %s', (_name, before) => {
    const [notice] = eventNotices(switchedRow({ before }, { sequence: 1 }));
    expect(notice).toMatchObject({ state: 'halted', version: 1 });
    expect(notice).not.toHaveProperty('before');
  });

  it.each([
    ['active', 'info'],
    ['reducing', 'warning'],
    ['halted', 'critical'],
    ['frozen', 'critical'],
  ])('to %s is %s', (state, severity) => {
    expect(eventNotices(switchedRow({ state }))).toMatchObject([{ severity }]);
  });

  it('is told again when it is set to the same for another reason', () => {
    expect(eventNotices(switchedRow({ before: 'halted', reason: 'still' }))).toHaveLength(1);
  });

  it('is not told where the switch was made with the first order of an account', () => {
    const first = { state: 'active', by: 'nightdesk', reason: 'first use' };
    expect(eventNotices(switchedRow({ ...first, before: undefined }))).toEqual([]);
    expect(eventNotices(switchedRow(first))).toHaveLength(1);
    expect(eventNotices(switchedRow({ ...first, before: undefined, by: 'risk' }))).toHaveLength(1);
    expect(eventNotices(switchedRow({ ...first, before: undefined, reason: 'first loss' }))).toHaveLength(1);
  });

  it('that cannot be read is refused by its fields', () => {
    expect(() => eventNotices(switchedRow({ by: 7 }))).toThrow(ImageError);
    expect(() => eventNotices(switchedRow({ by: 7 }))).toThrow('risk.switched in the change stream cannot be read: by');
  });
});
