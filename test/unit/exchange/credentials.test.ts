import { generateKeyPairSync } from 'node:crypto';
import { SecretUnavailableError } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import {
  credentialFields,
  parseCredentials,
  requireCredentials,
  splitCredentials,
} from '../../../layers/exchange/src/credentials.ts';
import fc from '../../support/property.ts';

const secretName = 'nightdesk/accounts/main/trading';
const read = (document: unknown) => parseCredentials(JSON.stringify(document), secretName);
const requirePassphrase = { apiKey: true, secret: true, password: true, uid: false };

describe("an account's credentials", () => {
  it.each([
    { apiKey: 'key', secret: 'shh', password: 'pass' },
    { walletAddress: '0xabc', privateKey: '0xdef' },
    { apiKey: 'key', secret: 'shh', uid: '7', login: 'me', accountId: '8', token: 'tok', twofa: 'seed' },
  ])('are what the venue asks for: %j', (document) => {
    expect(read(document)).toEqual(document);
  });

  it('leave out what the template left empty, so that a wallet needs no rewriting of the secret', () => {
    expect(read({ apiKey: '', secret: '', privateKey: ' 0xdef\n' })).toEqual({ privateKey: '0xdef' });
  });

  it.each(['ed25519', 'rsa'] as const)('may be a private key in PEM form, also with escaped line ends (%s)', (type) => {
    const { privateKey } =
      type === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2_048 }) : generateKeyPairSync('ed25519');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().trim();
    expect(read({ apiKey: 'key', secret: pem }).secret).toBe(pem);
    expect(read({ apiKey: 'key', secret: pem.replaceAll('\n', '\\n') }).secret).toBe(pem);
  });

  it.each([
    [{ apiKey: 'topsecret', secret: 12345678 }, /field secret must be a text/],
    [{ apiKey: 'topsecret', secret: 'topsecret', apikey: 'topsecret' }, /field apikey is not known/],
    [{ 'topsecret-12345678': 'x' }, /a field is not known/],
    [{ apiKey: 'x'.repeat(9_000) }, /field apiKey is longer than 8192 characters/],
    [{ apiKey: '', secret: ' ' }, /is not filled in yet/],
    [{}, /is not filled in yet/],
    [{ secret: '-----BEGIN PRIVATE KEY-----\ntopsecret' }, /field secret is no private key in PEM form/],
    ['topsecret', /is not a JSON object/],
    [['topsecret'], /is not a JSON object/],
    [null, /is not a JSON object/],
  ])('are refused with the name of the secret and the field, and no value: %#', (document, message) => {
    const attempt = () => read(document);
    expect(attempt).toThrow(SecretUnavailableError);
    expect(attempt).toThrow(message);
    expect(attempt).toThrow(secretName);
    expect(attempt).not.toThrow(/topsecret|12345678/);
  });

  it('of proxies are kept from the venue', () => {
    const venue = { apiKey: 'a', secret: 'b' };
    expect(splitCredentials({ ...venue, proxyUsername: 'me', proxyPassword: 'pw' })).toEqual({
      venue,
      proxy: { username: 'me', password: 'pw' },
    });
    expect(splitCredentials(venue)).toEqual({ venue });
    expect(splitCredentials()).toEqual({ venue: {} });
  });

  it('are refused without a trace of the text when it is no JSON', () => {
    const attempt = () => parseCredentials('topsecret', secretName);
    expect(attempt).toThrow(/is not JSON/);
    expect(attempt).not.toThrow(/topsecret/);
  });

  it('that lack what the venue asks for are refused with the account, the field and the venue', () => {
    const attempt = () =>
      requireCredentials({ apiKey: 'topsecret' }, { venue: 'okx', required: requirePassphrase, secretName });
    expect(attempt).toThrow(SecretUnavailableError);
    expect(attempt).toThrow(/accounts\/main\/trading: lacks what okx asks for: secret \(.*\), password \(.*\)$/);
    expect(attempt).not.toThrow(/topsecret/);
  });

  it('are never repeated in an error, whatever somebody wrote into the secret', () => {
    const value = fc.stringMatching(/^[A-Za-z0-9+/=_-]{8,64}$/);
    const name = fc.oneof(fc.constantFrom(...Object.keys(credentialFields)), value);
    const document = fc.oneof(fc.dictionary(name, fc.oneof(value, fc.array(value), fc.integer())), value);
    fc.assert(
      fc.property(document, fc.constantFrom(JSON.stringify, String), (written, encode) => {
        const texts = typeof written === 'string' ? [written] : Object.values(written).flat().map(String);
        try {
          const credentials = parseCredentials(String(encode(written)), secretName);
          requireCredentials(credentials, { venue: 'okx', required: requirePassphrase, secretName });
        } catch (error) {
          const told = String(error);
          for (const text of texts) expect(text.length > 7 && told.includes(text)).toBe(false);
        }
      }),
    );
  });
});
