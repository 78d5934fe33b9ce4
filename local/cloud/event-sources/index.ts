/**
 * Hands what a source has to a function, as a Lambda event-source mapping does.
 *
 *   index.ts                     the mapping, whatever its source
 *   definition.ts, resource.ts   properties common to all kinds; reading them from a template
 *   sqs-source.ts                queues; sqs-settings.ts, sqs-event.ts
 *   stream-source.ts             tables' streams; stream-settings.ts, stream-event.ts, stream-batch.ts, filter.ts
 *   batch-result.ts, pauses.ts   what a function said of its batch; waiting
 *   ports.ts                     what a mapping needs from others, and what a kind of source is
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventSourceMappingDefinition } from './definition.ts';
import type { Poller, PollerOptions } from './ports.ts';
import { readSqsSettings } from './sqs-settings.ts';
import { SqsPoller } from './sqs-source.ts';
import { readStreamSettings } from './stream-settings.ts';
import { StreamPoller } from './stream-source.ts';

export type { EventSourceMappingDefinition } from './definition.ts';
export type { FunctionInvoker, PollerOptions as EventSourceMappingOptions, SqsSource, StreamSource } from './ports.ts';
export { mappingFromResource } from './resource.ts';

export interface EventSourceMapping {
  /** Waits until nothing is being worked on and nothing that could be is waiting. */
  waitForQuiet(): Promise<void>;
  /**
   * Stops reading and waits at most `graceMs` (default 5000) for what is being worked on. What is not finished then comes
   * again: messages become visible, streams go on from the last position that was saved.
   */
  close(options?: { graceMs?: number }): Promise<void>;
}

const closeGraceMsDefault = 5_000;

/** Starts to read at once, unless `Enabled` is false. @throws Error naming the property that is wrong. */
export function createEventSourceMapping(
  definition: EventSourceMappingDefinition,
  options: PollerOptions,
): EventSourceMapping {
  const poller = createPoller(definition, options);
  const polling = (definition.Enabled ?? true) ? poller.run() : Promise.resolve();
  return {
    waitForQuiet: () => poller.waitForQuiet(),
    async close({ graceMs = closeGraceMsDefault } = {}) {
      poller.stop();
      const bound = new AbortController();
      // Real time, because it bounds real processes.
      const grace = sleep(graceMs, undefined, { signal: bound.signal }).catch(() => undefined);
      await Promise.race([polling.then(() => poller.waitForQuiet()), grace]);
      bound.abort();
    },
  };
}

function createPoller(definition: EventSourceMappingDefinition, options: PollerOptions): Poller {
  return isStreamArn(definition.EventSourceArn)
    ? new StreamPoller(readStreamSettings(definition, options), options)
    : new SqsPoller(readSqsSettings(definition, options), options);
}

const isStreamArn = (arn: string): boolean => arn.split(':')[2] === 'dynamodb';
