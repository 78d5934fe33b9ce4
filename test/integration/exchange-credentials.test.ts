import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SecretUnavailableError, type VenueId } from '@nightdesk/core';
import { createVenue, loadVenueClass, parseCredentials } from '@nightdesk/exchange';
import type { VenueIndex } from '@nightdesk/exchange/build-venue-layer.ts';
import { credentialFields } from '@nightdesk/exchange/credentials.ts';
import { keyQuestions } from '@nightdesk/exchange/key-permissions/registry.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createManualClock } from '../support/clocks.ts';
import { type BuiltVenueLayer, openVenueLayer } from '../support/venue-layer.ts';

let layer: BuiltVenueLayer;
/** By venue, the fields without which it cannot be asked anything private. */
const required = new Map<string, string[]>();
const secretName = 'desk/accounts/main/trading';

beforeAll(async () => {
  layer = await openVenueLayer();
  const { rest } = JSON.parse(readFileSync(join(layer.directory, 'index.json'), 'utf8')) as VenueIndex;
  for (const name of rest) {
    const Venue = await loadVenueClass(name, { directory: layer.directory, kind: 'rest' });
    const venue = new Venue({ number: String, enableRateLimit: false, timeout: 1_000, options: {} });
    const fields = Object.entries(venue.requiredCredentials).flatMap(([field, needed]) => (needed ? [field] : []));
    required.set(name, fields);
  }
});
afterAll(() => layer.remove());

/** Constructs a venue as an account would, at an address where nobody answers: nothing may be called. */
async function open(venue: string, document: Record<string, string>): Promise<unknown> {
  return createVenue({
    ...{ venue: venue as VenueId, directory: layer.directory, mode: 'live', clock: createManualClock(), secretName },
    credentials: parseCredentials(JSON.stringify(document), secretName),
    exchangeConfig: { baseUrl: 'http://127.0.0.1:9', timeoutMs: 1_000 },
  });
}

const filled = (fields: readonly string[]) => Object.fromEntries(fields.map((field) => [field, `the-${field}`]));

describe('every venue', () => {
  it('asks for fields that a secret can hold', () => {
    const asked = new Set([...required.values()].flat());
    expect([...asked].filter((field) => !Object.hasOwn(credentialFields, field))).toEqual([]);
    expect([...asked]).toEqual(
      expect.arrayContaining(['apiKey', 'secret', 'password', 'uid', 'privateKey', 'accountId']),
    );
  });

  it('takes credentials that have all it asks for', async () => {
    for (const [venue, fields] of required) {
      await expect(open(venue, filled(fields.length > 0 ? fields : ['privateKey']))).resolves.toBeDefined();
    }
  });

  it('refuses credentials that lack one field, with its name, the account and the venue, before any call', async () => {
    for (const [venue, fields] of required) {
      for (const missing of fields) {
        const rest = filled(['token', ...fields].filter((field) => field !== missing));
        const refusal = await open(venue, rest).catch((error: unknown) => error);
        expect(refusal).toBeInstanceOf(SecretUnavailableError);
        expect(String(refusal)).toContain(`secret ${secretName}: lacks what ${venue} asks for: ${missing} (`);
        for (const value of Object.values(rest)) expect(String(refusal)).not.toContain(value);
      }
    }
  });
});

describe('every venue that is asked what a key may do', () => {
  it('has the methods that it is asked by', async () => {
    for (const [name, { methods }] of Object.entries(keyQuestions)) {
      const Venue = await loadVenueClass(name, { directory: layer.directory, kind: 'rest' });
      const venue = new Venue({ number: String, enableRateLimit: false, timeout: 1_000, options: {} });
      const missing = methods.filter((method) => typeof Reflect.get(venue, method) !== 'function');
      expect({ name, missing }).toEqual({ name, missing: [] });
    }
  });
});
