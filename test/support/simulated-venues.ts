/** The three simulated venues in this process, on a clock that leaps, with accounts of the desk at them. */
import { createBinanceSimulator } from '../../local/simulators/binance/simulator.ts';
import { createBybitSimulator } from '../../local/simulators/bybit/simulator.ts';
import type { VenueClock } from '../../local/simulators/clock.ts';
import { createKrakenSimulator } from '../../local/simulators/kraken/simulator.ts';

export const simulatedVenueNames = ['binance', 'kraken', 'bybit'] as const;
export type SimulatedVenueName = (typeof simulatedVenueNames)[number];

export interface SimulatedCustomer {
  name: string;
  venue: SimulatedVenueName;
  /** By everybody's names of the assets. */
  balances: Readonly<Record<string, string>>;
}

export interface SimulatedVenue {
  url: string;
  close(): Promise<void>;
}

/** In each venue's form, and the same for an account at every start. */
export function credentialsOf({ name, venue }: SimulatedCustomer): { apiKey: string; secret: string } {
  const text = (length: number, sign: string) => `${name}${sign.repeat(length)}`.slice(0, length);
  if (venue === 'binance') return { apiKey: text(64, 'k'), secret: text(64, 's') };
  if (venue === 'bybit') return { apiKey: text(18, 'k'), secret: text(36, 's') };
  return { apiKey: text(56, 'k'), secret: Buffer.from(text(64, 's')).toString('base64') };
}

/** Markets move less often than at a venue that people watch: a minute that passes at once is not to take a second. */
const tickMs = 5_000;
const symbolsCount = 40;

export function startSimulator(
  venue: SimulatedVenueName,
  { customers, clock, seed }: { customers: readonly SimulatedCustomer[]; clock: VenueClock; seed: number },
): Promise<SimulatedVenue> {
  const own = customers.filter((customer) => customer.venue === venue);
  const accounts = own.map((customer) => ({
    ...{ name: customer.name, balances: { ...customer.balances } },
    ...credentialsOf(customer),
  }));
  const options = { accounts, clock, seed, tickMs, symbolsCount };
  if (venue === 'binance') return createBinanceSimulator(options);
  return venue === 'kraken' ? createKrakenSimulator(options) : createBybitSimulator(options);
}

/** An order of somebody else with the account's key, in each venue's words. */
export interface OutsiderOrder {
  symbol: string;
  side: 'buy' | 'sell';
  amount: string;
  /** Makes it a limit order. */
  price?: string;
}

/** What the simulators call a market by themselves. */
export function nameAtVenue(venue: SimulatedVenueName, symbol: string): string {
  const [base = '', quote = ''] = (symbol.split(':')[0] ?? '').split('/');
  return `${venue === 'kraken' && base === 'BTC' ? 'XBT' : base}${quote}`;
}

type Words = Record<string, string>;

export function outsiderParams(venue: SimulatedVenueName, order: OutsiderOrder): Words {
  const { symbol, side, amount, price } = order;
  const name = nameAtVenue(venue, symbol);
  if (venue === 'binance') {
    const kind: Words = price === undefined ? { type: 'MARKET' } : { type: 'LIMIT', timeInForce: 'GTC', price };
    return { symbol: name, side: side.toUpperCase(), quantity: amount, ...kind };
  }
  if (venue === 'kraken') {
    const kind: Words = price === undefined ? { ordertype: 'market' } : { ordertype: 'limit', price };
    return { pair: name, type: side, volume: amount, ...kind };
  }
  const category = symbol.includes(':') ? 'linear' : 'spot';
  const unit: Words = category === 'spot' && price === undefined ? { marketUnit: 'baseCoin' } : {};
  const kind: Words = price === undefined ? { orderType: 'Market' } : { orderType: 'Limit', price };
  return { category, symbol: name, side: side === 'buy' ? 'Buy' : 'Sell', qty: amount, ...kind, ...unit };
}

/** How somebody else cancels an order. */
export function cancelParams(
  venue: SimulatedVenueName,
  { symbol, venueOrderId }: { symbol: string; venueOrderId: string },
): Record<string, string> {
  const name = nameAtVenue(venue, symbol);
  if (venue === 'binance') return { symbol: name, orderId: venueOrderId };
  if (venue === 'kraken') return { txid: venueOrderId };
  return { category: symbol.includes(':') ? 'linear' : 'spot', symbol: name, orderId: venueOrderId };
}
