/** ccxt's own class for a venue at the simulated one, as a harness of the contract. */
import type { VenueId } from '@nightdesk/core';
import { createVenue } from '@nightdesk/exchange';
import { afterAll } from 'vitest';
import { realClock } from '../../support/clocks.ts';
import { type BuiltVenueLayer, buildTemporaryVenueLayer } from '../../support/venue-layer.ts';
import type { ContractFault, VenueHarness } from './venue-bench.ts';

export interface SimulatedVenue {
  venue: string;
  simulator: { url: string; close(): Promise<void> };
  credentials: { apiKey: string; secret: string };
  symbol: string;
  amount: string;
  amountTooSmall?: string;
  /** As the simulator knows the symbol. */
  symbolAtVenue: string;
  /** Faults in the simulator's words; those of one name are injected together. */
  faults: Record<ContractFault, object | readonly object[]>;
  /** The suite asks more in a few seconds than some venues allow. */
  limits?: Record<string, number>;
  /** Our id as the venue has it. @default as it is */
  idAtVenue?(clientOrderId: string): string;
}

/** Built once for all harnesses of a test file. */
let layer: Promise<BuiltVenueLayer> | undefined;
afterAll(async () => (await layer)?.remove());

export async function openSimulated(simulated: SimulatedVenue): Promise<VenueHarness> {
  const { simulator, credentials, symbol, amount, amountTooSmall, idAtVenue = (id) => id } = simulated;
  layer ??= buildTemporaryVenueLayer();
  const { directory } = await layer;
  const control = (method: string, path: string, body?: object) =>
    fetch(`${simulator.url}/__sim/${path}`, { method, ...(body && { body: JSON.stringify(body) }) });
  const venue = await createVenue({
    venue: simulated.venue as VenueId,
    directory,
    credentials,
    mode: 'sandbox',
    exchangeConfig: { baseUrl: simulator.url, timeoutMs: 2_000, limits: simulated.limits },
    clock: realClock,
  });
  return {
    ...{ venue, symbol, amount },
    ...(amountTooSmall !== undefined && { amountTooSmall }),
    async inject(fault) {
      for (const body of [simulated.faults[fault]].flat()) {
        const answer = await control('POST', 'faults', body);
        if (!answer.ok) throw new Error(await answer.text());
      }
    },
    async clearFaults() {
      await control('DELETE', 'faults');
    },
    async movePrice(factor) {
      const name = simulated.symbolAtVenue;
      const answer = await control('POST', 'price', { symbol: name, factor });
      if (!answer.ok) throw new Error(await answer.text());
    },
    async countOrders(clientOrderId) {
      const answer = await control('GET', `orders?clientOrderId=${idAtVenue(clientOrderId)}`);
      return ((await answer.json()) as { orders: unknown[] }).orders.length;
    },
    close: () => simulator.close(),
  };
}
