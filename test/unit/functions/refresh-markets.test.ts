import { VenueError, type VenueId } from '@nightdesk/core';
import { createHandler, RefreshIncompleteError } from '@nightdesk/functions/refresh-markets/handler.ts';
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

it('names the venues that are missing', () => {
  expect(new RefreshIncompleteError(['second', 'third']).message).toBe('markets not refreshed: second, third');
});
