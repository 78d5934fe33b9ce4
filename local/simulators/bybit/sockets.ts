/** Which socket path is which kind of connection. */
import type { SocketOpener } from '../shared/socket-gate.ts';
import type { BybitVenue } from './context.ts';
import type { PrivateStreams } from './private-streams.ts';
import type { PublicStreams } from './public-streams.ts';
import { privateSource, publicSource, TopicConnection } from './topic-connection.ts';
import { TradeConnection } from './trade-connection.ts';

export interface SocketRouterOptions {
  venue: BybitVenue;
  publicStreams: PublicStreams;
  privateStreams: PrivateStreams;
}

/** Inverse contracts and options can be connected to, and have no topics. */
const publicPath = /^\/v5\/public\/(spot|linear|inverse|option)$/;

export function createSocketRouter(options: SocketRouterOptions): (url: URL) => SocketOpener | undefined {
  const { venue, publicStreams, privateStreams } = options;
  let nextConnection = 1;
  const takeId = () => `simulated-${nextConnection++}`;
  return ({ pathname }) => {
    const category = publicPath.exec(pathname)?.[1];
    if (category !== undefined) {
      const listed = category === 'spot' || category === 'linear' ? category : undefined;
      return (socket) => {
        const connectionId = takeId();
        new TopicConnection({ socket, connectionId, source: publicSource(publicStreams, listed, connectionId) });
      };
    }
    if (pathname === '/v5/private') {
      return (socket, address) => {
        const connectionId = takeId();
        const source = privateSource({ venue, streams: privateStreams, address }, connectionId);
        new TopicConnection({ socket, connectionId, source });
      };
    }
    if (pathname !== '/v5/trade') return undefined;
    return (socket, address) => void new TradeConnection({ venue, socket, address, connectionId: takeId() });
  };
}
