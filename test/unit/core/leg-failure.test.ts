import { ConfigurationError, SecretUnavailableError, VenueError } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { denialOf } from '../../../layers/core/src/orders/leg-failure.ts';

const inTime = { atMs: 1_000, expiresAtMs: 1_000 };
const tooLate = { atMs: 1_001, expiresAtMs: 1_000 };
const venueSays = (code?: string) => new VenueError('kraken', 'no', code === undefined ? {} : { code });

describe('an error before anything of a leg is recorded', () => {
  it.each<[string, Error, string]>([
    ['a secret that is not usable as it is', new SecretUnavailableError('main', 'is not JSON'), 'credentials_unusable'],
    ['an exchange that cannot be opened as configured', new ConfigurationError('no sandbox'), 'exchange_unusable'],
    ["a venue's refusal of the market", venueSays('bad_symbol'), 'bad_symbol'],
    ["a venue's refusal of the key", venueSays('permission_denied'), 'permission_denied'],
  ])('denies it at once: %s', (_name, error, code) => {
    expect(denialOf(error, inTime)).toEqual({ code, message: error.message });
    expect(denialOf(error, tooLate)).toEqual({ code, message: error.message });
  });

  it.each<[string, Error, string]>([
    [
      'Secrets Manager that does not answer',
      new SecretUnavailableError('main', 'TimeoutError', { temporary: true }),
      'credentials_unavailable',
    ],
    ['a proxy that refuses', venueSays('proxy_refused'), 'proxy_refused'],
    ['maintenance', venueSays('maintenance'), 'maintenance'],
    ['a clock that is refused', venueSays('clock_refused'), 'clock_refused'],
    ['a venue whose trouble has no name', venueSays(), 'venue_error'],
  ])('denies it once there is no other try in time, and says what it was: %s', (_name, error, code) => {
    expect(denialOf(error, inTime)).toBeUndefined();
    expect(denialOf(error, tooLate)).toEqual({
      code,
      message: `could not be executed before the signal was too old: ${error.message}`,
    });
  });

  it.each([
    ["of the desk's own", new Error('the table does not answer')],
    ['that is none', 'oops'],
  ])('never denies it for an error %s', (_name, error) => {
    expect(denialOf(error, tooLate)).toBeUndefined();
  });
});
