import { ImageError, noticeIdOf, readRiskImage } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { riskNotices, riskRow } from '../../support/notices.ts';

const active = riskRow({ state: 'active', version: 3, reason: 'all is well' });

describe('a switch that was set', () => {
  it('is told with who did it and why', () => {
    expect(riskNotices(active, riskRow())).toEqual([
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

  it('is told where it was never set before', () => {
    const [notice] = riskNotices(undefined, riskRow({ version: 1 }));
    expect(notice).toMatchObject({ state: 'halted' });
    expect(notice).not.toHaveProperty('before');
    expect(riskNotices({ account: 'main', reserved: 5 }, riskRow({ version: 1 }))).toHaveLength(1);
  });

  it.each([
    ['active', 'info'],
    ['reducing', 'warning'],
    ['halted', 'critical'],
    ['frozen', 'critical'],
  ])('to %s is %s', (state, severity) => {
    expect(riskNotices(active, riskRow({ state }))).toMatchObject([{ severity }]);
  });

  it('is told again when it is set to the same for another reason', () => {
    expect(riskNotices(riskRow({ version: 3 }), riskRow({ reason: 'still' }))).toHaveLength(1);
  });

  it('is not told where only a reservation changed, nor out of order', () => {
    expect(riskNotices(riskRow({ reserved: '1' }), riskRow({ reserved: '2' }))).toEqual([]);
    expect(riskNotices(riskRow({ version: 9 }), riskRow())).toEqual([]);
  });

  it('is not told where the row was made with the first order of an account', () => {
    const first = riskRow({ state: 'active', by: 'nightdesk', reason: 'first use', version: 1 });
    expect(riskNotices(undefined, first)).toEqual([]);
    expect(riskNotices(riskRow({ version: 1 }), { ...first, version: 2 })).toHaveLength(1);
    expect(riskNotices(undefined, { ...first, reason: 'first loss' })).toHaveLength(1);
  });
});

describe('a row of the risk table', () => {
  it('without a switch is none that anybody is told of', () => {
    expect(readRiskImage({ account: 'main', reserved: -5 })).toBeUndefined();
  });

  it('that cannot be read is refused by its fields', () => {
    expect(() => readRiskImage(riskRow({ by: 7 }))).toThrow(ImageError);
    expect(() => readRiskImage('row')).toThrow('a risk row in the change stream cannot be read: all of it');
  });
});
