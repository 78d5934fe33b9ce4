/** ccxt's own class for a venue at the simulated one, as a harness of the contract. */
import { amount, subtract, type VenueId, zeroAmount } from '@nightdesk/core';
import { createVenue } from '@nightdesk/exchange';
import { afterAll } from 'vitest';
import { realClock } from '../../support/clocks.ts';
import { type BuiltVenueLayer, openVenueLayer } from '../../support/venue-layer.ts';
import type { ContractFault, OutsideOfDesk, VenueHarness } from './venue-bench.ts';

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
  /** Parameters of the venue's own call for a market order to buy. */
  buys(amount: string): Readonly<Record<string, string>>;
  /** Our id as the venue has it. @default as it is */
  idAtVenue?(clientOrderId: string): string;
}

/** Built once for all harnesses of a test file. */
let layer: Promise<BuiltVenueLayer> | undefined;
afterAll(async () => (await layer)?.remove());

export async function openSimulated(simulated: SimulatedVenue): Promise<VenueHarness> {
  const { simulator, credentials, symbol, amount, amountTooSmall, idAtVenue = (id) => id } = simulated;
  layer ??= openVenueLayer();
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
    outside: outsideOf(simulated),
    async countOrders(clientOrderId) {
      const answer = await control('GET', `orders?clientOrderId=${idAtVenue(clientOrderId)}`);
      return ((await answer.json()) as { orders: unknown[] }).orders.length;
    },
    close: () => simulator.close(),
  };
}

/** What others do with the account, by the simulator's control calls. */
function outsideOf({ simulator, symbolAtVenue, buys }: SimulatedVenue): OutsideOfDesk {
  const control = async (method: string, path: string, body: object): Promise<Record<string, unknown>> => {
    const answer = await fetch(`${simulator.url}/__sim/${path}`, { method, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(await answer.text());
    return (await answer.json()) as Record<string, unknown>;
  };
  return {
    async transfer(transfer) {
      const told = await control('POST', 'transfers', { account: 'main', ...transfer });
      return String((told.transfer as { id: number }).id);
    },
    async endTransfer(id) {
      await control('PUT', 'transfers', { id: Number(id), status: 'done' });
    },
    async buy(size) {
      await control('POST', 'outsider', { action: 'order', account: 'main', params: buys(size) });
    },
    async chargeFunding() {
      const { payments } = await control('POST', 'funding', { symbol: symbolAtVenue, rate: '0.001' });
      return (payments as { account: string; amount: string }[])
        .filter(({ account }) => account === 'main')
        .reduce((sum, paid) => subtract(sum, amount(paid.amount)), zeroAmount);
    },
  };
}
