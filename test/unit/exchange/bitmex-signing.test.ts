/** BitMEX's published examples: https://www.bitmex.com/app/apiKeysUsage */
import { describe, expect, it } from 'vitest';
import { signatureOf } from '../../../layers/exchange/custom/bitmex/sign-request.ts';
import { createBitmexClient } from '../../support/bitmex-client.ts';
import { exampleKey } from '../../support/recorded-bitmex.ts';

describe('signing a request for BitMEX', () => {
  it.each([
    [
      'a question',
      { verb: 'GET', path: '/api/v1/instrument', expiresAtSeconds: 1518064236, body: '' },
      'c7682d435d0cfe87c16098df34ef2eb5a549d4c5a3c2b1f0f77b8af73423bf00',
    ],
    [
      'a question with a query',
      {
        verb: 'GET',
        path: '/api/v1/instrument?filter=%7B%22symbol%22%3A+%22XBTM15%22%7D',
        expiresAtSeconds: 1518064237,
        body: '',
      },
      'e2f422547eecb5b3cb29ade2127e21b858b235b386bfa45e1c1756eb3383919f',
    ],
    [
      'an order',
      {
        verb: 'POST',
        path: '/api/v1/order',
        expiresAtSeconds: 1518064238,
        body: '{"symbol":"XBTM15","price":219.0,"clOrdID":"mm_bitmex_1a/oemUeQ4CAJZgP3fjHsA","orderQty":98}',
      },
      '1749cd2ccae4aa49048ae09f0b95110cee706e0944e6a14ad0b3a8cb45bd336b',
    ],
  ])('gives the published signature of %s', (_, request, signature) => {
    expect(signatureOf(request, exampleKey.secret)).toBe(signature);
  });

  it('signs what is sent, for five seconds', () => {
    const client = createBitmexClient(exampleKey);
    client.milliseconds = () => 1518064231_999;
    expect(client.sign('instrument')).toEqual({
      url: 'https://www.bitmex.com/api/v1/instrument',
      method: 'GET',
      headers: {
        'api-expires': '1518064236',
        'api-key': exampleKey.apiKey,
        'api-signature': 'c7682d435d0cfe87c16098df34ef2eb5a549d4c5a3c2b1f0f77b8af73423bf00',
      },
      body: undefined,
    });
  });

  it('sends parameters of questions in the query and all others as JSON, both as they were signed', () => {
    const client = createBitmexClient(exampleKey);
    client.milliseconds = () => 1518064231_999;
    const question = client.sign('order', 'private', 'GET', { filter: '{"open":true}', count: 1 });
    const query = '?filter=%7B%22open%22%3Atrue%7D&count=1';
    expect(question.url).toBe(`https://www.bitmex.com/api/v1/order${query}`);
    const signed = { expiresAtSeconds: 1518064236, path: `/api/v1/order${query}`, verb: 'GET', body: '' };
    expect(question.headers['api-signature']).toBe(signatureOf(signed, exampleKey.secret));
    const cancellation = client.sign('order', 'private', 'DELETE', { orderID: 'ö' });
    expect(cancellation).toMatchObject({ body: '{"orderID":"ö"}', headers: { 'Content-Length': '16' } });
    expect(cancellation.url).not.toContain('?');
  });

  it('signs the path that BitMEX sees, whatever stands before it at another address', () => {
    const client = createBitmexClient(exampleKey);
    client.milliseconds = () => 1518064231_999;
    client.urls.api = { public: 'http://127.0.0.1:1/proxy/api/v1', private: 'http://127.0.0.1:1/proxy/api/v1' };
    expect(client.sign('instrument').headers['api-signature']).toBe(
      'c7682d435d0cfe87c16098df34ef2eb5a549d4c5a3c2b1f0f77b8af73423bf00',
    );
  });

  it('needs no key for public questions, which then cost four times as much of the limit', () => {
    const client = createBitmexClient();
    expect(client.sign('trade').headers).toEqual({});
    expect(client.calculateRateLimiterCost()).toBe(4);
    expect(createBitmexClient(exampleKey).calculateRateLimiterCost()).toBe(1);
    expect(() => client.sign('order', 'private')).toThrow(/requires "apiKey" credential/);
  });

  it('asks the test network in sandbox mode', () => {
    const client = createBitmexClient();
    client.setSandboxMode(true);
    expect(client.sign('')).toMatchObject({ url: 'https://testnet.bitmex.com/api/v1', method: 'GET' });
  });
});
