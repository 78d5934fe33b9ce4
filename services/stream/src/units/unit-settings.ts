import { accountOf, type DeskConfig, type StreamUnit } from '@nightdesk/core';
import { publicModeOf } from '@nightdesk/functions/shared/public-venue.ts';

/** All of the configuration that an open connection was made from: with others, it has to be made anew. */
export function settingsOf(unit: StreamUnit, config: DeskConfig): string {
  if (unit.kind === 'account') return JSON.stringify({ account: accountOf(config, unit.account) });
  return JSON.stringify({ mode: publicModeOf(unit.venue, config), exchange: config.exchanges[unit.venue] });
}
