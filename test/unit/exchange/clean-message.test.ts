import { describe, expect, it } from 'vitest';
import { cleanMessage, messageLengthMax } from '../../../layers/exchange/src/clean-message.ts';
import fc from '../../support/property.ts';

const apiKey = 'vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A';
const signature = 'c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71';

describe('a message from a venue', () => {
  it('keeps what the venue said', () => {
    const text = 'binance {"code":-2010,"msg":"Account has insufficient balance for requested action."}';
    expect(cleanMessage(text)).toBe(text);
  });

  it('loses the signed query of a URL and keeps its path', () => {
    const text = `binance POST https://api.binance.com/api/v3/order?symbol=BTCUSDT&timestamp=1&signature=${signature} 503`;
    expect(cleanMessage(text)).toBe('binance POST https://api.binance.com/api/v3/order 503');
  });

  it('loses user and password of a URL', () => {
    expect(cleanMessage('via http://user:hunter2@proxy.example/x failed')).toBe('via http://proxy.example/x failed');
  });

  it.each([
    `signature=${signature}`,
    `{"apiKey":"${apiKey}"}`,
    'secret=short1',
    "'passphrase': 'open sesame'",
    'X-MBX-APIKEY: abc123',
    'api_secret = abc123',
    `Bearer ${apiKey}`,
  ])('hides the value in %s', (text) => {
    const clean = cleanMessage(text);
    expect(clean).toContain('[hidden]');
    expect(clean).not.toMatch(/vmPUZE6|c8db5682|short1|sesame|abc123/);
  });

  it('hides the given secrets wherever they are, also as part of a URL', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 4, maxLength: 60 }).filter((secret) => !/[\p{Cc}\s]/u.test(secret)),
        fc.lorem(),
        (secret, words) => {
          fc.pre(!'[hidden]'.includes(secret) && !words.includes(secret));
          expect(cleanMessage(`${words} ${secret}`, [secret])).not.toContain(secret);
        },
      ),
    );
  });

  it('is one line of bounded length', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 2_000 }), (text) => {
        const clean = cleanMessage(text);
        expect(clean.length).toBeLessThanOrEqual(messageLengthMax);
        expect(clean).not.toMatch(/\p{Cc}/u);
      }),
    );
  });
});
