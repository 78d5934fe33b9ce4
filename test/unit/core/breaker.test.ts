import { admit, type BanState, banMsMax, firstPauseMs, noBan, refuse, succeed, tryMs } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';

const nowMs = 1_000_000;
const open = (untilMs: number, refusals = 1): BanState => ({ kind: 'open', untilMs, refusals, reason: '429' });
const trying = (untilMs: number, refusals = 1): BanState => ({ kind: 'trying', untilMs, refusals, reason: '429' });
const refusal = (retryAfterMs?: number) => ({
  ...{ scope: 'egress' as const, reason: '429' },
  ...(retryAfterMs !== undefined && { retryAfterMs }),
});

describe('the breaker, when the venue refuses', () => {
  it.each<[name: string, before: BanState, retryAfterMs: number | undefined, after: BanState]>([
    ['opens for as long as the venue says', noBan, 7_000, open(nowMs + 7_000)],
    ['opens for a first pause where it does not say', noBan, undefined, open(nowMs + firstPauseMs)],
    ['doubles the pause after a try', trying(nowMs + 1), undefined, open(nowMs + 2 * firstPauseMs, 2)],
    ['doubles it with each further one', trying(nowMs + 1, 3), undefined, open(nowMs + 8 * firstPauseMs, 4)],
    ['doubles it only so often', trying(nowMs + 1, 50), undefined, open(nowMs + 256 * firstPauseMs, 51)],
    ['counts those refused together once', open(nowMs + 100), undefined, open(nowMs + 2 * firstPauseMs)],
    ['never shortens a ban', open(nowMs + 60_000), 1_000, open(nowMs + 60_000)],
    ['counts one after the time as another', open(nowMs - 1), undefined, open(nowMs + 2 * firstPauseMs, 2)],
    ['believes in no ban longer than venues have', noBan, 10 * banMsMax, open(nowMs + banMsMax)],
  ])('%s', (_name, before, retryAfterMs, after) => {
    expect(refuse(before, refusal(retryAfterMs), nowMs)).toEqual(after);
  });
});

describe('the breaker, when somebody wants to send', () => {
  it.each<[name: string, before: BanState, admission: ReturnType<typeof admit>]>([
    ['lets pass while closed', noBan, { kind: 'pass', state: noBan }],
    ['blocks until the time is over', open(nowMs + 5), { kind: 'blocked', retryInMs: 5, reason: '429' }],
    ['lets one try when it is', open(nowMs, 4), { kind: 'try', state: trying(nowMs + tryMs, 4) }],
    ['blocks while one tries', trying(nowMs + 5), { kind: 'blocked', retryInMs: 5, reason: '429' }],
    ['lets another try when nothing was heard', trying(nowMs), { kind: 'try', state: trying(nowMs + tryMs) }],
  ])('%s', (_name, before, admission) => {
    expect(admit(before, nowMs)).toEqual(admission);
  });
});

describe('the breaker, when the venue answers', () => {
  it.each<[name: string, before: BanState, after: BanState]>([
    ['stays closed', noBan, noBan],
    ['closes after a try', trying(nowMs + 5), noBan],
    ['stays open: that was a request from before', open(nowMs + 5), open(nowMs + 5)],
    ['closes when the time is over', open(nowMs), noBan],
  ])('%s', (_name, before, after) => {
    expect(succeed(before, nowMs)).toEqual(after);
  });
});
