/** A running desk at three simulated venues, and what the soak does to it beside sending signals. */

import { setTimeout as sleep } from 'node:timers/promises';
import { paginateListTables } from '@aws-sdk/client-dynamodb';
import { createMarketsRepository } from '@nightdesk/aws';
import type { Market, VenueId } from '@nightdesk/core';
import { createLocalClient } from '@nightdesk/local/audit/local-tables.ts';
import { type ConfiguredDesk, startConfiguredDesk } from '../support/configured-desk.ts';
import type { Desk } from '../support/desk.ts';
import { type Prices, priceKey, soakVenues, type VenueName, venueNames } from './markets.ts';

export interface SoakDesk {
  readonly desk: Desk;
  readonly configured: ConfiguredDesk;
  /** Calls a control call of a simulated venue. @throws Error when it refuses */
  control<Body>(venue: VenueName, method: string, path: string, body?: object): Promise<Body>;
  /** Multiplies a price from now on, and tells what it is then. */
  movePrice(venue: VenueName, name: string, factor: number): Promise<number>;
  prices(): Promise<Prices>;
  /** The desk's markets that the soak trades, by venue and unified symbol. */
  markets(): Promise<ReadonlyMap<string, Market>>;
  setFaults(venue: VenueName, faults: readonly object[]): Promise<void>;
  clearFaults(): Promise<void>;
  /** How often each kind of fault has struck, of those that were cleared. */
  readonly struck: Readonly<Record<string, number>>;
}

/** Longer than any fault closes a port. */
const triesMax = 40;
const tryEveryMs = 250;
const accountsOf = soakVenues.flatMap(({ venue, accounts }) => accounts.map((account) => ({ venue, account })));

/** Every account may be used by the source, and what names no account means Bybit, where the dialects trade. */
export async function startSoakDesk(): Promise<SoakDesk> {
  const names = accountsOf.map(({ account }) => account);
  const configured = await startConfiguredDesk(
    {
      exchanges: venueNames
        .map((venue) => `${venue}:${venue === 'bybit' ? ' { defaultMarketKind: perpetual }' : ' {}'}`)
        .join('\n'),
      accounts: accountsOf.map(({ venue, account }) => `${account}: { exchange: ${venue}, mode: sandbox }`).join('\n'),
      sources: [
        'demo:',
        '  authentication: [token, signing]',
        `  accounts: [${names.join(', ')}]`,
        '  defaultAccount: byb1',
        '  maxLagSeconds: 900',
      ].join('\n'),
    },
    names,
  );
  const { desk } = configured;

  const struck: Record<string, number> = {};
  const control: SoakDesk['control'] = async (venue, method, path, body) => {
    const init = { method, ...(body && { body: JSON.stringify(body) }) };
    const answer = await untilThere(() => fetch(`${desk.cloud.ready.simulators[venue]}${path}`, init));
    if (!answer.ok) throw new Error(`simulated ${venue}: ${method} ${path} answered ${await answer.text()}`);
    return (await answer.json()) as never;
  };
  const movePrice: SoakDesk['movePrice'] = async (venue, symbol, factor) => {
    const { price } = await control<{ price: string }>(venue, 'POST', '/__sim/price', { symbol, factor });
    return Number(price);
  };

  return {
    ...{ desk, configured, control, movePrice, struck },
    async prices() {
      const found = soakVenues.flatMap(({ venue, markets }) =>
        markets.map(async ({ symbol, name }) => [priceKey(venue, symbol), await movePrice(venue, name, 1)] as const),
      );
      return new Map(await Promise.all(found));
    },
    markets: () => readMarkets(desk.ready.aws),
    setFaults: (venue, faults) => control(venue, 'POST', '/__sim/faults', faults),
    async clearFaults() {
      for (const venue of venueNames) {
        type Listed = { faults: { kind: string; struck: number }[] };
        const { faults } = await control<Listed>(venue, 'GET', '/__sim/faults');
        for (const { kind, struck: times } of faults) struck[kind] = (struck[kind] ?? 0) + times;
        await control(venue, 'DELETE', '/__sim/faults');
      }
    },
  };
}

/** A venue that refuses connections for a while refuses those of its controls, too. */
async function untilThere(ask: () => Promise<Response>): Promise<Response> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (tries >= triesMax) throw error;
      await sleep(tryEveryMs);
    }
  }
}

async function readMarkets(aws: string): Promise<ReadonlyMap<string, Market>> {
  const client = createLocalClient(aws);
  try {
    const names: string[] = [];
    for await (const page of paginateListTables({ client }, {})) names.push(...(page.TableNames ?? []));
    const tableName = names.find((name) => name.includes('-data-MarketsTable'));
    if (tableName === undefined) throw new Error('there is no table of markets');
    const store = createMarketsRepository(client, tableName);
    const rows = soakVenues.flatMap(({ venue, markets }) =>
      markets.map(async ({ symbol }) => {
        const market = await store.get(venue as string as VenueId, symbol);
        if (market === undefined) throw new Error(`the desk knows no ${symbol} at ${venue}`);
        return [priceKey(venue, symbol), market] as const;
      }),
    );
    return new Map(await Promise.all(rows));
  } finally {
    client.destroy();
  }
}
