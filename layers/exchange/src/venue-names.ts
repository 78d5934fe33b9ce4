/** Which names of exchanges can be had, and what may have been meant by those that cannot. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { closeNames } from './close-names.ts';

/** Names of venues as ccxt writes them. Nothing that could leave a folder fits. */
const namePattern = /^[a-z][a-z0-9]{1,40}$/;

/** Venues that owners may still ask for and that are gone for good. */
const closedVenues: ReadonlyMap<string, string> = new Map([
  ['aax', 'AAX closed in November 2022'],
  ['bitforex', 'BitForex closed in February 2024'],
  ['bitgrail', 'BitGrail closed in February 2018'],
  ['bittrex', 'Bittrex closed in December 2023'],
  ['btce', 'BTC-e closed in July 2017'],
  ['cobinhood', 'COBINHOOD closed in January 2020'],
  ['coinexchange', 'CoinExchange closed in October 2019'],
  ['cryptopia', 'Cryptopia closed in May 2019'],
  ['ftx', 'FTX closed in November 2022'],
  ['ftxus', 'FTX US closed in November 2022'],
  ['hotbit', 'Hotbit closed in May 2023'],
  ['liquid', 'Liquid closed in November 2022'],
  ['livecoin', 'Livecoin closed in January 2021'],
  ['mtgox', 'Mt. Gox closed in February 2014'],
  ['quadrigacx', 'QuadrigaCX closed in January 2019'],
  ['tradeogre', 'TradeOgre closed in July 2025'],
]);

/** Why no exchange can be had by this name, whatever there is; `undefined` when it may be one. */
export function nameDefect(name: string): string | undefined {
  const closed = closedVenues.get(name);
  if (closed !== undefined) return `exchange "${name}" is not usable: ${closed}`;
  return namePattern.test(name) ? undefined : `${JSON.stringify(name)} is not the name of an exchange`;
}

/**
 * Why no exchange can be had by this name.
 *
 * @param known the names there are
 * @param what what kind of exchange is asked for, as a person would say it
 */
export function unknownNameDefect(name: string, known: readonly string[], what = 'exchange'): string | undefined {
  const defect = nameDefect(name);
  if (defect !== undefined || known.includes(name)) return defect;
  const close = closeNames(name, known);
  const hint = close.length > 0 ? `; close to it: ${close.join(', ')}` : '';
  return `no ${what} is called "${name}"${hint}`;
}

/**
 * The names of all exchanges of a venue layer.
 *
 * @param directory the folder `venues` of the layer
 */
export function readVenueNames(directory: string): string[] {
  const index = JSON.parse(readFileSync(join(directory, 'index.json'), 'utf8')) as { rest: string[] };
  return index.rest;
}
