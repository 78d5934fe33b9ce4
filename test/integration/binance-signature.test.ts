import { describe, expect, it } from 'vitest';
import { isSignature, restPayload, sign, socketPayload } from '../../local/simulators/binance/signature.ts';

// Key, parameters and signatures are the examples in Binance's public documentation of signed endpoints.
const secret = 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j';

describe('request signatures', () => {
  const first = 'symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC';
  const rest = 'quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559';
  const whole = 'c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71';
  const mixed = '0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77';

  it.each([
    { name: 'all in the query', query: `${first}&${rest}&signature=${whole}`, body: '', signature: whole },
    { name: 'all in the body', query: '', body: `${first}&${rest}&signature=${whole}`, signature: whole },
    { name: 'some in each', query: first, body: `${rest}&signature=${mixed}`, signature: mixed },
  ])('agree with the documentation: $name', ({ query, body, signature }) => {
    expect(sign(restPayload(query, body), secret)).toBe(signature);
  });

  it('do not depend on case, but on every digit', () => {
    expect(isSignature(whole.toUpperCase(), whole)).toBe(true);
    expect(isSignature(`${whole.slice(0, -1)}0`, whole)).toBe(false);
    expect(isSignature('', whole)).toBe(false);
  });

  it('of the WebSocket API cover all parameters by name', () => {
    const params = {
      symbol: 'BTCUSDT',
      side: 'SELL',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: '0.01000000',
      price: '52000.00',
      newOrderRespType: 'ACK',
      recvWindow: '100',
      timestamp: '1645423376532',
      apiKey: 'vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A',
      signature: 'whatever',
    };
    expect(sign(socketPayload(params), secret)).toBe(
      'cc15477742bd704c29492d96c7ead9414dfd8e0ec4a00f947bb5bb454ddbd08a',
    );
  });
});
