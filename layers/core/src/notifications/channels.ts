/** Which channels are told of which notices. */
import type { ChannelConfig } from '../config/notifications-config.ts';
import { type Notice, type NoticeMessage, noticeSeverities } from './notice.ts';

/** What concerns all accounts concerns each channel. */
const allAccounts = '*';

/** One message for every channel that wants the notice. */
export function messagesOf(notice: Notice, channels: Readonly<Record<string, ChannelConfig>>): NoticeMessage[] {
  return Object.entries(channels)
    .filter(([, channel]) => wantsNotice(channel, notice))
    .map(([channel]) => ({ channel, notice }));
}

/** A kind that the channel switches on or off is told or not told; every other is told from `severityMin` on. */
export function wantsNotice({ accounts, events, severityMin }: ChannelConfig, notice: Notice): boolean {
  const { account, kind, severity } = notice;
  if (accounts !== undefined && account !== allAccounts && !accounts.includes(account)) return false;
  return events[kind] ?? noticeSeverities.indexOf(severity) >= noticeSeverities.indexOf(severityMin);
}
