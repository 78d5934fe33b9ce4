/** Orders of the desk that are filled at the venues: some at once, some when the market comes to them. */
import type { SignalId } from '@nightdesk/core';
import type { Dice } from '../dice.ts';
import { type Prices, priceKey, soakVenues, venueNames } from '../markets.ts';
import { accountOf, type StreamingDesk } from './streaming-desk.ts';

export interface Trading {
  signals: { signalId: SignalId; account: string }[];
  refused: string[];
}

/** One signal at each venue. */
export async function trade(streaming: StreamingDesk, dice: Dice, trading: Trading): Promise<void> {
  const prices = await readPrices(streaming);
  await Promise.all(venueNames.map((venue) => tradeAt(streaming, venue, { prices, dice, trading })));
}

async function tradeAt(
  { desk }: StreamingDesk,
  venue: (typeof venueNames)[number],
  { prices, dice, trading }: { prices: Prices; dice: Dice; trading: Trading },
): Promise<void> {
  const markets = soakVenues.find((each) => each.venue === venue)?.markets ?? [];
  const market = dice.pick(markets.filter(({ kind }) => kind === 'spot'));
  const price = prices.get(priceKey(venue, market.symbol)) ?? 0;
  const action = dice.chance(0.6) ? 'buy' : 'sell';
  const size = { base: (market.size * dice.between(0.5, 1.5)).toFixed(market.sizeDecimals) };
  // Prices are moved by more than this now and then, so that what rests is filled as well.
  const sign = action === 'buy' ? 1 : -1;
  const limit = (distance: number) => ({
    ...{ type: 'limit', price: (price * (1 + sign * distance)).toFixed(market.priceDecimals) },
  });
  const terms = dice.pick([{}, limit(0.002), limit(-0.001), limit(-0.002)]);
  const account = accountOf[venue];
  const id = `streams-${venue}-${trading.signals.length + trading.refused.length}-${Math.floor(dice.next() * 1e9)}`;
  const { status, body } = await desk.postSignal({ id, account, symbol: market.symbol, action, size, ...terms });
  if (status === 202 && body.signalId !== undefined) {
    trading.signals.push({ signalId: body.signalId as SignalId, account });
  } else trading.refused.push(`${venue} ${market.symbol}: ${status} ${JSON.stringify(body.error ?? body)}`);
}

/** Up or down by enough to fill what rests near the price. */
export async function movePrices(streaming: StreamingDesk, dice: Dice): Promise<void> {
  for (const { venue, markets } of soakVenues) {
    const { name } = dice.pick(markets.filter(({ kind }) => kind === 'spot'));
    const factor = dice.between(0.996, 1.004);
    await streaming.control(venue, 'POST', 'price', { symbol: name, factor });
  }
}

async function readPrices(streaming: StreamingDesk): Promise<Prices> {
  const found = soakVenues.flatMap(({ venue, markets }) =>
    markets.map(async ({ symbol, name }) => {
      const body = { symbol: name, factor: 1 };
      const { price } = await streaming.control<{ price: string }>(venue, 'POST', 'price', body);
      return [priceKey(venue, symbol), Number(price)] as const;
    }),
  );
  return new Map(await Promise.all(found));
}
