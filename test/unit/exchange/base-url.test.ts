import { describe, expect, it } from 'vitest';
import { rebaseUrls } from '../../../layers/exchange/src/base-url.ts';

const api = {
  public: 'https://api.binance.com/api/v3',
  fapiPublic: 'https://fapi.binance.com/fapi/v1',
  hosted: 'https://api.{hostname}',
  ws: { spot: 'wss://stream.binance.com:9443/ws' },
  weight: 1,
};

describe('a venue at another address', () => {
  it('keeps every path, however deep the map of addresses', () => {
    expect(rebaseUrls(api, 'http://127.0.0.1:4101/').urls).toEqual({
      public: 'http://127.0.0.1:4101/api/v3',
      fapiPublic: 'http://127.0.0.1:4101/fapi/v1',
      hosted: 'http://127.0.0.1:4101',
      ws: { spot: 'ws://127.0.0.1:4101/ws' },
      weight: 1,
    });
  });

  it('uses sockets with TLS where the address has TLS, below a path of its own', () => {
    expect(rebaseUrls('wss://stream.example/ws', 'https://gate.example/venue').urls).toBe(
      'wss://gate.example/venue/ws',
    );
  });

  it('moves the parts that are named, sub-parts included, and leaves the others where they are', () => {
    const { urls, original } = rebaseUrls(api, {
      public: 'http://127.0.0.1:1',
      ws: 'https://streams.example',
      nothing: 'https://unused.example',
    });
    expect(urls).toEqual({
      ...api,
      public: 'http://127.0.0.1:1/api/v3',
      ws: { spot: 'wss://streams.example/ws' },
    });
    expect(original('http://127.0.0.1:1/api/v3/time')).toBe('https://api.binance.com/api/v3/time');
    expect(original('https://fapi.binance.com/fapi/v1/time')).toBe('https://fapi.binance.com/fapi/v1/time');
  });

  it('moves a sub-part by its own name, before that of the part it is in', () => {
    const nested = { spot: { public: 'https://a.example/x', private: 'https://b.example/y' } };
    expect(rebaseUrls(nested, { spot: 'https://all.example', private: 'https://own.example' }).urls).toEqual({
      spot: { public: 'https://all.example/x', private: 'https://own.example/y' },
    });
  });

  it("translates back to the venue's own address, by the longest match", () => {
    const { original } = rebaseUrls(api, 'http://127.0.0.1:4101');
    expect(original('http://127.0.0.1:4101/api/v3/order?x=1')).toBe('https://api.binance.com/api/v3/order?x=1');
    expect(original('http://127.0.0.1:4101/fapi/v1/order')).toBe('https://fapi.binance.com/fapi/v1/order');
    expect(original('https://elsewhere.example/')).toBe('https://elsewhere.example/');
  });

  it('takes a venue with a single address or none', () => {
    expect(rebaseUrls('https://api.kraken.com', 'http://127.0.0.1:1').urls).toBe('http://127.0.0.1:1');
    expect(rebaseUrls(undefined, 'http://127.0.0.1:1').urls).toBeUndefined();
  });
});
