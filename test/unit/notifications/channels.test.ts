import { messagesOf } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { deskConfig } from '../../support/desk-config.ts';
import { eventNotices, filledNotice, onlyNotice, orderRow, switchedRow } from '../../support/notices.ts';

const info = filledNotice();
const warning = onlyNotice(undefined, orderRow({ state: 'denied' }));
const [critical = info] = eventNotices(switchedRow());
const [ofAll = info] = eventNotices(switchedRow({}, { stream: 'risk#*' }));

/** Which of the four notices a channel with these settings is told. */
function told(settings: object): string[] {
  const { notifications } = deskConfig({ notifications: { channels: { phone: { type: 'slack', ...settings } } } });
  const named = { info, warning, critical, ofAll };
  const wanted = Object.entries(named).filter(([, notice]) => messagesOf(notice, notifications.channels).length > 0);
  return wanted.map(([name]) => name);
}

describe('a channel', () => {
  it.each<[string, object, string[]]>([
    ['without settings is told everything', {}, ['info', 'warning', 'critical', 'ofAll']],
    ['is told from a severity on', { severityMin: 'warning' }, ['warning', 'critical', 'ofAll']],
    ['is told only the worst', { severityMin: 'critical' }, ['critical', 'ofAll']],
    ['is not told of a kind that is off', { events: { 'order.denied': false } }, ['info', 'critical', 'ofAll']],
    [
      'is told of a kind that is on, however mild',
      { severityMin: 'critical', events: { 'order.filled': true } },
      ['info', 'critical', 'ofAll'],
    ],
    ['of one account is told of that, and of what concerns all', { accounts: ['second'] }, ['ofAll']],
    ['of this account is told all of it', { accounts: ['main'] }, ['info', 'warning', 'critical', 'ofAll']],
  ])('%s', (_title, settings, names) => {
    expect(told(settings)).toEqual(names);
  });

  it('gets a message of its own', () => {
    const { notifications } = deskConfig({
      notifications: {
        channels: { phone: { type: 'slack' }, hook: { type: 'webhook' }, off: { type: 'sns', accounts: ['second'] } },
      },
    });
    expect(messagesOf(info, notifications.channels)).toEqual([
      { channel: 'phone', notice: info },
      { channel: 'hook', notice: info },
    ]);
  });
});
