import { expect, it } from 'vitest';
import { socketAddresses } from '../../../layers/exchange/src/streams/socket-address.ts';

const own = {
  spot: 'wss://stream.binance.com:9443/ws',
  future: 'wss://fstream.binance.com/ws',
  nested: { api: 'wss://ws-api.binance.com:443/ws-api/v3' },
};

it.each([
  ['wss://stream.binance.com:9443/ws/0', 'ws://127.0.0.1:1/ws/0'],
  ['wss://ws-api.binance.com:443/ws-api/v3', 'ws://127.0.0.1:1/ws-api/v3'],
  // ccxt puts a word between.
  ['wss://fstream.binance.com/public/ws/0', 'ws://127.0.0.1:1/public/ws/0'],
  // What no map of addresses has is not dialled at the venue itself either.
  ['wss://elsewhere.example/feed?token=1', 'ws://127.0.0.1:1/feed?token=1'],
])('dials %s at %s', (url, dialled) => {
  const moved = {
    spot: 'ws://127.0.0.1:1/ws',
    future: 'ws://127.0.0.1:1/ws',
    nested: { api: 'ws://127.0.0.1:1/ws-api/v3' },
  };
  expect(socketAddresses({ own, moved, otherwise: 'http://127.0.0.1:1/' })(url)).toBe(dialled);
});

it('leaves what was not moved where it is', () => {
  const addressOf = socketAddresses({ own, moved: { ...own, spot: 'wss://gate.example/venue/ws' } });
  expect(addressOf('wss://stream.binance.com:9443/ws/0')).toBe('wss://gate.example/venue/ws/0');
  expect(addressOf('wss://fstream.binance.com/public/ws/0')).toBe('wss://fstream.binance.com/public/ws/0');
  expect(addressOf('wss://elsewhere.example/feed')).toBe('wss://elsewhere.example/feed');
});
