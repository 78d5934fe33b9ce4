import { type ConfigDocument, ConfigurationError, placeholdersOf } from '@nightdesk/core';
import { parseConfigTexts } from '@nightdesk/infra/config/read-desk-config.ts';
import { describe, expect, it } from 'vitest';
import { deskDocuments } from '../../support/desk-config.ts';

/** Parses notifications.yaml with that text, beside usable documents. `undefined` is no such file. */
function parse(text: string | undefined) {
  const { notifications: _none, ...required } = deskDocuments;
  const texts = Object.entries(required).map(([document, content]) => ({
    document: document as ConfigDocument,
    file: `config/${document}.yaml`,
    text: JSON.stringify(content),
  }));
  const own = { document: 'notifications' as const, file: 'config/notifications.yaml', text: text ?? '' };
  return parseConfigTexts(text === undefined ? texts : [...texts, own]).notifications;
}

function defectsOf(text: string): string[] {
  try {
    parse(text);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.message.split('\n').slice(1);
  }
}

const channel = (settings: string) => `channels:\n  phone:\n    type: telegram\n    ${settings}\n`;

describe('notifications.yaml', () => {
  it.each([undefined, '', '# nothing yet\n', 'channels: {}\n'])('may be %j, which is no channel at all', (text) => {
    expect(parse(text)).toEqual({ channels: {} });
  });

  it('has cautious values where an owner writes none', () => {
    expect(parse('channels: { phone: { type: telegram } }')).toEqual({
      channels: { phone: { type: 'telegram', events: {}, severityMin: 'info', templates: {} } },
    });
  });

  it.each<[string, string, string]>([
    ['a type that is none', 'channels: { phone: { type: fax } }', ':1:22 notifications.channels.phone.type: '],
    [
      'a kind of notice that is none',
      channel('events: { order.done: true }'),
      ':4:15 notifications.channels.phone.events.order.done: is not a setting that exists here',
    ],
    [
      'a switch that is none',
      channel('events: { order.filled: maybe }'),
      ':4:15 notifications.channels.phone.events.order.filled: ',
    ],
    [
      'an account that is none',
      channel('accounts: [main, mian]'),
      ':4:22 notifications.channels.phone.accounts.1: account "mian" is not in accounts.yaml',
    ],
    [
      'a token',
      channel('botToken: "1:a"'),
      ':4:5 notifications.channels.phone.botToken: is not a setting that exists here',
    ],
    [
      'an unencrypted address',
      channel('baseUrl: http://telegram.example'),
      ':4:5 notifications.channels.phone.baseUrl: must be https',
    ],
    [
      'an empty text',
      channel('templates: { order.filled: "" }'),
      ':4:18 notifications.channels.phone.templates.order.filled: ',
    ],
    [
      'an address of a channel that has its own',
      'channels: { team: { type: slack, baseUrl: "https://a.example" } }',
      ':1:34 notifications.channels.team.baseUrl: is for channels of type telegram',
    ],
    [
      'a name that is none',
      'channels: { "My phone": { type: sns } }',
      ':1:13 notifications.channels.My phone: the name of a channel',
    ],
  ])('is refused for %s, with its place', (_title, text, defect) => {
    expect(defectsOf(text)).toEqual([expect.stringContaining(`config/notifications.yaml${defect}`)]);
  });

  it('is told where a template has a placeholder that there is not, and which there are', () => {
    const text = channel('templates:\n      order.filled: "{side} {prise}"\n      risk.switched: "{orderId}"');
    const known = (kind: 'order.filled' | 'risk.switched') => placeholdersOf(kind).join(', ');
    expect(defectsOf(text)).toEqual([
      `  config/notifications.yaml:5:7 notifications.channels.phone.templates.order.filled: "{prise}" is no placeholder of order.filled; known are ${known('order.filled')}`,
      `  config/notifications.yaml:6:7 notifications.channels.phone.templates.risk.switched: "{orderId}" is no placeholder of risk.switched; known are ${known('risk.switched')}`,
    ]);
  });
});
