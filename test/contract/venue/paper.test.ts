/** The contract of venues, kept by a paper account over the public data of a fake one. */
import { type AccountId, amount, type Market, type PaperStore, price, type VenueId } from '@nightdesk/core';
import { createPaperVenue } from '@nightdesk/functions/shared/paper-venue.ts';
import { createManualClock, type ManualClock } from '../../support/clocks.ts';
import { FakeVenue } from '../../support/fake-venue.ts';
import { btcUsdt, btcUsdtPerpetual } from '../../support/markets.ts';
import { createMemoryPaper, MemoryTables } from '../../support/memory-stores.ts';
import { type ContractFault, type VenueHarness, venueContract } from './venue-contract.ts';

const id = 'paper' as AccountId;

/** A store whose requests or answers can be lost. */
function unreliable(store: PaperStore) {
  const state: { fault?: ContractFault } = {};
  const lost = () => new Error('no answer');
  const faulty: PaperStore = {
    load: (account) => store.load(account),
    async find(account, clientOrderId) {
      if (state.fault === 'no_answer_to_questions') throw lost();
      return store.find(account, clientOrderId);
    },
    async save(account, change) {
      if (state.fault?.endsWith('_request')) throw lost();
      await store.save(account, change);
      if (state.fault?.endsWith('_answer') || state.fault === 'fail_after_accept') throw lost();
    },
  };
  return { faulty, state };
}

/** Somebody else trades at the venue, which everybody sees. */
async function tradePublicly(venue: FakeVenue, market: Market, clock: ManualClock): Promise<void> {
  clock.advance(1);
  const request = { clientOrderId: `public${venue.orders.length}`, symbol: market.symbol, type: 'market' } as const;
  await venue.placeOrder({ ...request, side: 'buy', amount: amount('2') }, market);
}

const openPaper = (market: Market) => async (): Promise<VenueHarness> => {
  const clock = createManualClock();
  const fake = new FakeVenue({ clock });
  const { faulty, state } = unreliable(createMemoryPaper(new MemoryTables()));
  const venue = createPaperVenue({
    account: {
      ...{ id, venue: 'fake' as VenueId },
      paper: {
        balances: { USDT: amount('1000000'), BTC: amount('1000') },
        ...{ latencyMs: 100, makerFee: '0.001', takerFee: '0.002' },
      },
    },
    data: disturbed(fake, state),
    store: faulty,
    findMarket: async (symbol) => (await fake.fetchMarkets()).find((each) => each.symbol === symbol),
    clock,
  });
  let at = 100;
  await tradePublicly(fake, market, clock);
  return {
    ...{ venue, symbol: market.symbol, amount: '2', amountTooSmall: market.amountStep, nowMs: clock.nowMs },
    async movePrice(factor) {
      at *= factor;
      fake.setPrice(market.symbol, price(at.toFixed(2)));
      await tradePublicly(fake, market, clock);
    },
    inject(fault) {
      state.fault = fault;
    },
    clearFaults() {
      delete state.fault;
    },
    async countOrders(clientOrderId) {
      return (await faulty.find(id, clientOrderId)) === undefined ? 0 : 1;
    },
    close: () => {},
  };
};

/** The fake venue, except for the faults of public data. */
function disturbed(fake: FakeVenue, state: { fault?: ContractFault }): FakeVenue {
  fake.faults = {
    fetchPrice: () => state.fault === 'no_price',
    probe: () =>
      state.fault === 'no_answer_at_all'
        ? { status: 'unreachable', latencyMs: 0, cause: { code: 'network', message: 'refused' } }
        : undefined,
  };
  return fake;
}

const nobodyElse = 'nobody else reaches a paper account';
const openOnly = 'a paper account tells the trades of orders that are open';
const cannot = {
  partial_fill: 'the book of the fake venue is deeper than any order here',
  own_trades: openOnly,
  many_trades: openOnly,
  outsider: nobodyElse,
  transfers: nobodyElse,
  funding_payments: nobodyElse,
};

venueContract('a paper account on spot', openPaper(btcUsdt), cannot);
venueContract('a paper account on a perpetual', openPaper(btcUsdtPerpetual), cannot);
