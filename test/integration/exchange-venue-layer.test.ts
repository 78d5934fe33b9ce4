import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConfigurationError } from '@nightdesk/core';
import { loadVenueClass } from '@nightdesk/exchange';
import { buildVenueLayer, type VenueIndex } from '@nightdesk/exchange/build-venue-layer.ts';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuiltVenueLayer, buildTemporaryVenueLayer } from '../support/venue-layer.ts';

let layer: BuiltVenueLayer;
let index: VenueIndex;
beforeAll(async () => {
  layer = await buildTemporaryVenueLayer();
  index = JSON.parse(readFileSync(join(layer.directory, 'index.json'), 'utf8')) as VenueIndex;
});
afterAll(() => layer.remove());

const load = (name: string, kind: 'rest' | 'pro' = 'rest') =>
  loadVenueClass(name, { directory: layer.directory, kind });

const filesBelow = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

describe('the venue layer', () => {
  it('has every venue that ccxt itself exports, over HTTP and with streams, and our own', async () => {
    const { default: ccxt } = await import('ccxt');
    expect(index.custom).toContain('bitmex');
    expect(index.rest).toEqual([...ccxt.exchanges, ...index.custom].sort());
    const notVenues = ['Exchange', 'exchanges'];
    const names = Object.keys(ccxt.pro).filter((name) => !notVenues.includes(name));
    expect(index.pro).toEqual(names.sort());
  });

  it.each(['rest', 'pro'] as const)('loads and constructs every one of them (%s)', async (kind) => {
    expect(index[kind].length).toBeGreaterThan(70);
    for (const name of index[kind]) {
      const Venue = await load(name, kind);
      const venue = new Venue({ number: String, enableRateLimit: false, timeout: 1_000, options: {} });
      expect(venue.id).toBe(name);
      expect(venue.rateLimit).toBeGreaterThan(0);
    }
  });

  it('stays below 6 MB', () => {
    const bytes = filesBelow(layer.directory).reduce((sum, file) => sum + statSync(file).size, 0);
    expect(bytes).toBeLessThan(6_000_000);
  });

  it('shares one set of error classes among all venues', async () => {
    const errors = (await import(pathToFileURL(join(layer.directory, 'errors.js')).href)) as {
      ExchangeNotAvailable: new () => Error;
    };
    for (const kind of ['rest', 'pro'] as const) {
      const Venue = await load('kraken', kind);
      const venue = new Venue({ number: String, enableRateLimit: false, timeout: 1_000, options: {} });
      expect(() => venue.handleHttpStatusCode(503, '', '', 'GET', '')).toThrow(errors.ExchangeNotAvailable);
    }
  });

  it("gives a venue of our own ccxt's base class without ccxt's package", async () => {
    const [ours, theirs] = [await load('bitmex'), await load('kraken')];
    const baseOf = (Venue: object): unknown => {
      const parent: unknown = Object.getPrototypeOf(Venue);
      return parent === Function.prototype ? Venue : baseOf(parent as object);
    };
    expect(baseOf(ours)).toBe(baseOf(theirs));
  });

  it('signs with RSA keys as ccxt itself does, whose code goes by the names of classes', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const secret = privateKey.export({ type: 'pkcs8', format: 'pem' });
    const { default: ccxt } = await import('ccxt');
    const signed = (Venue: unknown) => {
      // Signing is no part of what Nightdesk calls itself, so its type of a venue does not have it.
      const Signing = Venue as new (config: object) => { milliseconds(): number; sign(...request: string[]): unknown };
      const venue = new Signing({ apiKey: 'key', secret });
      venue.milliseconds = () => 1;
      return venue.sign('account', 'private', 'GET');
    };
    const own = signed(ccxt.binance);
    expect(own).toMatchObject({ url: expect.stringMatching(/signature=.{300}/) });
    expect(signed(await load('binance'))).toEqual(own);
  });

  it('refuses a venue of our own that has the name of one of ccxt', async () => {
    const customDirectory = mkdtempSync(join(tmpdir(), 'nightdesk-custom-'));
    const outDirectory = join(customDirectory, 'out');
    mkdirSync(join(customDirectory, 'kraken'));
    writeFileSync(join(customDirectory, 'kraken', 'index.ts'), '');
    await expect(buildVenueLayer(outDirectory, { customDirectory })).rejects.toThrow(
      /has a venue "kraken" of its own; remove .*kraken or give it another name/,
    );
    expect(existsSync(outDirectory)).toBe(false);
    rmSync(customDirectory, { recursive: true });
  });

  it('is built again, and replaced as a whole, only when ccxt or the build changed', async () => {
    const other = await buildTemporaryVenueLayer();
    const file = join(other.directory, 'rest', 'binance.js');
    const rebuilt = async () => {
      await buildVenueLayer(join(other.directory, '..'));
      return readFileSync(file, 'utf8') !== 'marked';
    };
    writeFileSync(file, 'marked');
    expect(await rebuilt()).toBe(false);
    writeFileSync(join(other.directory, 'index.json'), '{"ccxtVersion":"0.0.0"}');
    expect(await rebuilt()).toBe(true);
    expect(readdirSync(join(other.directory, '..'))).toEqual(['venues']);
    other.remove();
  });

  it('can be built from the command line, which says what it wants', () => {
    const script = join(import.meta.dirname, '../../layers/exchange/build-venue-layer.ts');
    const run = (...args: string[]) =>
      execFileSync(process.execPath, [script, ...args], { encoding: 'utf8', stdio: 'pipe' });
    expect(run(join(layer.directory, '..')).trim()).toBe(join(layer.directory, '..'));
    expect(() => run()).toThrow(/usage: node build-venue-layer.ts/);
  });
});

describe('naming a venue', () => {
  it.each([
    ['binanse', /close to it: binance/],
    ['krakn', /close to it: kraken/],
    ['nosuchvenueatall', /no exchange is called "nosuchvenueatall"$/],
  ])('%s that does not exist names those spelled alike', async (name, message) => {
    await expect(load(name)).rejects.toThrow(ConfigurationError);
    await expect(load(name)).rejects.toThrow(message);
  });

  it.each([
    ['ftx', 'FTX closed in November 2022'],
    ['bittrex', 'Bittrex closed in December 2023'],
    ['liquid', 'Liquid closed in November 2022'],
    ['mtgox', 'Mt. Gox closed in February 2014'],
  ])('%s says when it closed', async (name, message) => {
    expect(index.rest).not.toContain(name);
    await expect(load(name)).rejects.toThrow(`exchange "${name}" is not usable: ${message}`);
  });

  it.each([
    '../rest/binance',
    'rest/binance',
    '..',
    '',
    'Binance',
    'binance.js',
    'binance%2e',
    '__proto__',
    'a'.repeat(99),
  ])('refuses %j, which could lead out of the layer', async (name) => {
    await expect(load(name)).rejects.toThrow(/is not the name of an exchange/);
  });

  it('says what is missing where a venue has no streams', async () => {
    const onlyRest = index.rest.find((name) => !index.pro.includes(name)) ?? '';
    await expect(load(onlyRest, 'pro')).rejects.toThrow(/no exchange with streams is called/);
  });
});

describe('what functions bundle', () => {
  it('contains no part of ccxt: venues come from the layer', async () => {
    const entry = join(import.meta.dirname, '../../layers/exchange/src/index.ts');
    const result = await build({
      entryPoints: [entry],
      bundle: true,
      format: 'esm',
      platform: 'node',
      write: false,
      metafile: true,
    });
    const inputs = Object.keys(result.metafile.inputs);
    expect(inputs.filter((file) => /node_modules\/(ccxt|esbuild|protobufjs)\//.test(file))).toEqual([]);
  });
});
