/** What a contract market is set to before an order of a signal is placed in it. */
import { amount, type MarketSettings, type PrepareOutcome, type Signal } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { FakeVenue } from '../../support/fake-venue.ts';
import { btcUsdtPerpetual } from '../../support/markets.ts';
import { createPositionDesk } from '../../support/position-desk.ts';

class SettingsVenue extends FakeVenue {
  settings: MarketSettings[] = [];
  answer: PrepareOutcome = { kind: 'ready' };

  override async prepareMarket(settings: MarketSettings): Promise<PrepareOutcome> {
    this.settings.push(settings);
    return this.answer;
  }
}

function createDesk(answer: PrepareOutcome = { kind: 'ready' }) {
  const desk = createPositionDesk(btcUsdtPerpetual);
  const venue = Object.assign(new SettingsVenue({ clock: desk.clock }), { answer });
  const buy = (change: Partial<Signal> = {}) =>
    desk.execute(desk.signal({ action: 'buy', size: { base: amount('2') }, ...change }), venue);
  return { desk, venue, buy };
}

describe('a contract market', () => {
  it('is set to the leverage and margin of the signal, which the order keeps and is placed with', async () => {
    const { venue, buy } = createDesk();
    const wanted = { leverage: '3', marginMode: 'isolated' } as const;
    expect(await buy(wanted)).toMatchObject({ state: 'filled', ...wanted });
    expect(venue.settings).toEqual([{ ...wanted, positionMode: 'one_way' }]);
    expect(venue.orders[0]?.request).toMatchObject(wanted);
  });

  it('is set to nothing but one position where the signal names no more', async () => {
    const { venue, buy } = createDesk();
    const order = await buy();
    expect(venue.settings).toEqual([{ positionMode: 'one_way' }]);
    expect(order).not.toHaveProperty('leverage');
    expect(order).not.toHaveProperty('marginMode');
  });

  it('that refuses the settings is told of as a denial, and nothing is placed', async () => {
    const { venue, buy } = createDesk({ kind: 'refused', cause: { code: 'leverage_too_high', message: 'at most 2' } });
    expect(await buy({ leverage: '3' })).toMatchObject({
      ...{ state: 'denied', cause: { code: 'leverage_too_high', message: 'at most 2' } },
    });
    expect(venue.placeCalls).toBe(0);
  });

  it('that does not answer leaves nothing on record, so that the leg is delivered again', async () => {
    const { desk, venue, buy } = createDesk({ kind: 'unknown', cause: { code: 'timeout', message: 'no answer' } });
    await expect(buy()).rejects.toThrow(/could not be set up for BTC\/USDT:USDT: no answer/);
    expect(desk.tables.orders.size).toBe(0);
    expect(venue.placeCalls).toBe(0);
  });
});
