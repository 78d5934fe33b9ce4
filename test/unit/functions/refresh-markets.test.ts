import { VenueError, type VenueId } from '@nightdesk/core';
import { createHandler, RefreshIncompleteError } from '@nightdesk/functions/refresh-markets/handler.ts';
import { parseEvent } from '@nightdesk/functions/refresh-markets/schema.ts';
import { expect, it } from 'vitest';
import { deskConfig } from '../../support/desk-config.ts';
import { createRecordingTelemetry } from '../../support/telemetry.ts';

const config = deskConfig({ exchanges: { second: {}, third: {}, asleep: { enabled: false } } });

it('refreshes every venue that is enabled, and leaves the others alone when one fails', async () => {
  const telemetry = createRecordingTelemetry();
  const asked: VenueId[] = [];
  const refreshAll = createHandler({
    loadConfig: async () => config,
    telemetry,
    async refresh(venue) {
      asked.push(venue);
      if (venue === 'second') throw new VenueError(venue, 'does not answer');
      return { written: 3, removed: 1 };
    },
  });
  expect(await refreshAll()).toEqual({ refreshed: ['fake', 'third'], failed: ['second'] });
  expect(asked).toEqual(['fake', 'second', 'third']);
  expect(telemetry.lines[0]).toBe('{"message":"markets refreshed","venue":"fake","written":3,"removed":1}');
  expect(telemetry.lines[1]).toContain('second: does not answer');
});

it('refreshes only those that are asked for and enabled', async () => {
  const refreshAll = createHandler({
    loadConfig: async () => config,
    telemetry: createRecordingTelemetry(),
    refresh: async () => ({ written: 1, removed: 0 }),
  });
  const request = parseEvent({ venues: ['third', 'asleep', 'nowhere'] });
  expect(await refreshAll(request)).toEqual({ refreshed: ['third'], failed: [] });
});

it('takes what a schedule sends for a request for all venues, and refuses a list that is none', () => {
  expect(parseEvent({ 'detail-type': 'Scheduled Event' }).venues).toBeUndefined();
  expect(parseEvent(null).venues).toBeUndefined();
  expect(() => parseEvent({ venues: 'third' })).toThrow('venues');
});

it('names the venues that are missing', () => {
  expect(new RefreshIncompleteError(['second', 'third']).message).toBe('markets not refreshed: second, third');
});
