/** What a FIFO queue with a dead-letter queue has to do, written as plainly as possible: a list and a clock. */
import { expect } from 'vitest';
import type { Queue, ReceivedMessage } from '../../../local/cloud/sqs/index.ts';
import { bodies, createFixture, handles, redriveTo } from './queues.ts';

export const deduplicationMs = 5 * 60_000;
export const receivesMax = 3;
const receiveMax = 10;

interface Entry {
  body: string;
  group: string;
  visibleMs: number;
  receives: number;
  handle: string | undefined;
}

export type Action =
  | { do: 'send'; group: string; deduplicationId: string }
  | { do: 'receive'; messagesMax: number; visibilityMs: number }
  | { do: 'delete'; pick: number }
  | { do: 'hide'; pick: number; visibilityMs: number }
  | { do: 'advance'; byMs: number };

/** A queue under test beside its model; `apply` does the same to both and compares. */
export function createFifoTrial() {
  const fixture = createFixture();
  const { clock, sqs } = fixture;
  const dead = fixture.queue('dead.fifo');
  const queue = fixture.queue('trial.fifo', redriveTo(dead, receivesMax));
  const originals = new Map<string, { body: string; messageId: string; untilMs: number }>();
  let live: Entry[] = [];
  let sent = 0;

  const hidden = (entry: Entry): boolean => entry.visibleMs > clock.nowMs();

  /** The messages of a group that may be delivered now: from its front, up to the first hidden one. */
  function front(group: string): Entry[] {
    const lane = live.filter((entry) => entry.group === group);
    const end = lane.findIndex(hidden);
    return (end < 0 ? lane : lane.slice(0, end)).filter(({ receives }) => receives < receivesMax);
  }

  function send(group: string, deduplicationId: string): void {
    const body = `${group}-${sent++}`;
    const original = originals.get(deduplicationId);
    const { messageId } = sqs.send(queue, { body, groupId: group, deduplicationId });
    if (original !== undefined && original.untilMs > clock.nowMs()) {
      expect(messageId).toBe(original.messageId);
      return;
    }
    originals.set(deduplicationId, { body, messageId, untilMs: clock.nowMs() + deduplicationMs });
    live.push({ body, group, visibleMs: clock.nowMs(), receives: 0, handle: undefined });
  }

  function compareReceive(received: readonly ReceivedMessage[], messagesMax: number): void {
    const groups = [...new Set(received.map(({ systemAttributes }) => systemAttributes.MessageGroupId ?? ''))];
    for (const [index, group] of groups.entries()) {
      const got = bodies(received.filter(({ systemAttributes }) => systemAttributes.MessageGroupId === group));
      const due = front(group).map(({ body }) => body);
      const mayBeCut = index === groups.length - 1 && received.length === messagesMax;
      expect(got, `group ${group} in order from its front`).toEqual(mayBeCut ? due.slice(0, got.length) : due);
    }
    if (received.length === messagesMax) return;
    const forgotten = live.filter((entry) => front(entry.group).includes(entry) && !groups.includes(entry.group));
    expect(forgotten, 'nothing that could be delivered is held back').toEqual([]);
  }

  async function receive(messagesMax: number, visibilityMs: number): Promise<ReceivedMessage[]> {
    const received = await fixture.receive(queue, messagesMax, visibilityMs);
    compareReceive(received, messagesMax);
    for (const { body, receiptHandle, systemAttributes } of received) {
      const entry = live.find((candidate) => candidate.body === body);
      if (entry === undefined) throw new Error(`${body} was delivered though it is deleted or was never sent`);
      entry.receives++;
      entry.handle = receiptHandle;
      entry.visibleMs = clock.nowMs() + visibilityMs;
      expect(systemAttributes.ApproximateReceiveCount).toBe(String(entry.receives));
    }
    return received;
  }

  /** One of the messages received so far that the model still has, by any number. */
  function held(pick: number): Entry | undefined {
    const candidates = live.filter(({ handle }) => handle !== undefined);
    return candidates[pick % Math.max(candidates.length, 1)];
  }

  function remove(pick: number): void {
    const entry = held(pick);
    if (entry?.handle === undefined) return;
    const [refused] = sqs.deleteBatch(queue, [entry.handle]);
    if (hidden(entry)) {
      expect(refused).toBeUndefined();
      live = live.filter((other) => other !== entry);
    } else if (entry.receives < receivesMax) {
      expect(refused?.message).toContain('The receipt handle has expired');
    }
  }

  function hide(pick: number, visibilityMs: number): void {
    const entry = held(pick);
    if (entry?.handle === undefined || !hidden(entry)) return;
    sqs.changeVisibility(queue, entry.handle, visibilityMs);
    entry.visibleMs = clock.nowMs() + visibilityMs;
  }

  return {
    async apply(action: Action): Promise<void> {
      if (action.do === 'send') send(action.group, action.deduplicationId);
      if (action.do === 'receive') await receive(action.messagesMax, action.visibilityMs);
      if (action.do === 'delete') remove(action.pick);
      if (action.do === 'hide') hide(action.pick, action.visibilityMs);
      if (action.do === 'advance') clock.advance(action.byMs);
    },

    /** Receives and deletes until nothing is left, then compares what was given up with the dead-letter queue. */
    async drain(): Promise<void> {
      clock.advance(deduplicationMs);
      const exhausted = live.filter(({ receives }) => receives >= receivesMax);
      for (let rounds = live.length; rounds >= 0; rounds--) {
        const received = await receive(receiveMax, 60_000);
        const refused = sqs.deleteBatch(queue, handles(received));
        expect(refused.filter((error) => error !== undefined)).toEqual([]);
        live = live.filter(({ body }) => !bodies(received).includes(body));
      }
      expect(live).toEqual(exhausted);
      expect(sqs.depth(queue)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
      expect(await takeAll(dead)).toEqual(byGroup(exhausted.map(({ body }) => body)));
      await sqs.close();
    },
  };

  async function takeAll(from: Queue): Promise<Map<string, string[]>> {
    const taken: string[] = [];
    for (let left = sqs.depth(from).visible; left >= 0; left -= receiveMax) {
      const received = await fixture.receive(from, receiveMax, 60_000);
      taken.push(...bodies(received));
      sqs.deleteBatch(from, handles(received));
    }
    return byGroup(taken);
  }
}

/** Order matters within a group and not between groups. */
function byGroup(texts: readonly string[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const text of texts) {
    const group = text.slice(0, text.indexOf('-'));
    groups.set(group, [...(groups.get(group) ?? []), text]);
  }
  return groups;
}
