import { SecretUnavailableError } from '@nightdesk/core';
import { describe, expect, it } from 'vitest';
import { parseCredentials } from '../../../layers/exchange/src/credentials.ts';

const secretName = 'nightdesk/accounts/main/trading';
const read = (document: unknown) => parseCredentials(JSON.stringify(document), secretName);

describe("an account's credentials", () => {
  it('are a key and a secret, and a passphrase where a venue asks for one', () => {
    const document = { apiKey: 'key', secret: 'shh', password: 'pass' };
    expect(read(document)).toEqual(document);
  });

  it('may be a wallet that signs by itself', () => {
    const document = { walletAddress: '0xabc', privateKey: '0xdef' };
    expect(read(document)).toEqual(document);
  });

  it.each([
    [{ secret: 'topsecret' }, /field apiKey is missing/],
    [{ apiKey: 'topsecret' }, /field secret is missing/],
    [{ apiKey: 'topsecret', secret: '' }, /field secret must not be empty/],
    [{ apiKey: 'topsecret', secret: 12345678 }, /field secret must be a text/],
    [{ apiKey: 'topsecret', secret: 'topsecret', apikey: 'topsecret' }, /field apikey is not known/],
    [{ 'topsecret-12345678': 'x' }, /a field is not known/],
    [{ privateKey: 'topsecret' }, /field walletAddress is missing/],
    ['topsecret', /is not a JSON object/],
    [null, /is not a JSON object/],
  ])('are refused with the name of the secret and the field, and no value: %j', (document, message) => {
    const attempt = () => read(document);
    expect(attempt).toThrow(SecretUnavailableError);
    expect(attempt).toThrow(message);
    expect(attempt).toThrow(secretName);
    expect(attempt).not.toThrow(/topsecret|12345678/);
  });

  it('are refused without a trace of the text when it is no JSON', () => {
    const attempt = () => parseCredentials('topsecret', secretName);
    expect(attempt).toThrow(/is not JSON/);
    expect(attempt).not.toThrow(/topsecret/);
  });
});
