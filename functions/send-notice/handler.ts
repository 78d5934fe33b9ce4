import type { LoadDeskConfig, SentNotices, Telemetry } from '@nightdesk/aws';
import { type ChannelConfig, type Clock, metricNames, textOfNotice } from '@nightdesk/core';
import { parseMessage } from './schema.ts';
import type { SendNotice } from './send.ts';

export interface SendNoticeDependencies {
  loadConfig: LoadDeskConfig;
  sent: SentNotices;
  send: SendNotice;
  clock: Pick<Clock, 'nowMs'>;
  telemetry: Telemetry;
}

/**
 * Sends the notice in `body` by its channel. Of a message that is delivered twice the second is dropped. Not so where the
 * sandbox ends, or the table does not answer, between sending and marking it: then it is sent twice, because a notice that
 * comes twice is better than one that never does.
 *
 * @throws when the message must be delivered again
 */
export function createHandler({ loadConfig, sent, send, clock, telemetry }: SendNoticeDependencies) {
  return async (body: string, receiveCount: number): Promise<void> => {
    const { channel: id, notice } = parseMessage(body);
    const channel = await findChannel(id, loadConfig);
    if (channel === undefined) {
      telemetry.info('a notice was dropped: its channel is gone', { channel: id, notice: notice.id });
      return;
    }
    if (await sent.has(notice.id, id)) return;
    const text = textOfNotice(notice, channel.templates[notice.kind]);
    await send({ id, channel, notice, text, nowMs: clock.nowMs(), fresh: receiveCount > 1 });
    telemetry.count(metricNames.noticesSent);
    telemetry.info('notice sent', { channel: id, notice: notice.id, kind: notice.kind, account: notice.account });
    await sent
      .mark(notice.id, id, clock.nowMs())
      .catch((error: unknown) => telemetry.failure('a notice that was sent could not be marked as such', error));
  };
}

/** Functions come to know a new configuration one after the other, so this one may not know the channel yet. */
async function findChannel(id: string, loadConfig: LoadDeskConfig): Promise<ChannelConfig | undefined> {
  const among = async (wanted?: { newest: boolean }) => {
    const { channels } = (await loadConfig(wanted)).notifications;
    return Object.hasOwn(channels, id) ? channels[id] : undefined;
  };
  return (await among()) ?? (await among({ newest: true }));
}
