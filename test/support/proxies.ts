/** Small HTTP and SOCKS5 proxies on this machine, which record what goes through them. */
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export interface TestProxy {
  /** Without user and password. */
  readonly url: string;
  /** `host:port` of every connection that was asked for. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

export interface ProxyBehaviour {
  /** Answers `CONNECT` with this status. @default 200 */
  status?: number;
  /** Takes connections and says nothing. */
  silent?: boolean;
  /** Who may come in, as `user:password`. @default anybody */
  user?: string;
}

const host = '127.0.0.1';

/** A proxy that tunnels what `CONNECT` asks for. */
export async function startHttpProxy(behaviour: ProxyBehaviour = {}): Promise<TestProxy> {
  const { status = 200, silent = false, user } = behaviour;
  const asked: string[] = [];
  const expected = user && `Basic ${Buffer.from(user).toString('base64')}`;
  const server = createHttpServer();
  server.on('connect', (request: IncomingMessage, client: Socket) => {
    client.on('error', () => undefined);
    asked.push(request.url ?? '');
    if (silent) return;
    const allowed = expected === undefined || request.headers['proxy-authorization'] === expected;
    const answer = allowed ? status : 407;
    if (answer !== 200) {
      client.end(`HTTP/1.1 ${answer} No\r\ncontent-length: 2\r\n\r\n{}`);
      return;
    }
    tunnel(client, request.url ?? '', () => client.write('HTTP/1.1 200 Connection established\r\n\r\n'));
  });
  return listen(server, { protocol: 'http', asked });
}

const socksVersion = 5;
const methods = { none: 0, password: 2, refused: 0xff };

/** A SOCKS5 proxy for IPv4 addresses and names, without or with user and password (RFC 1928, RFC 1929). */
export async function startSocksProxy({ user }: Pick<ProxyBehaviour, 'user'> = {}): Promise<TestProxy> {
  const asked: string[] = [];
  const server = createServer(async (client) => {
    client.on('error', () => undefined);
    await nextChunk(client);
    client.write(Buffer.from([socksVersion, user === undefined ? methods.none : methods.password]));
    if (user !== undefined) {
      const login = await nextChunk(client);
      const nameEnd = 2 + (login[1] ?? 0);
      const given = `${login.subarray(2, nameEnd)}:${login.subarray(nameEnd + 1)}`;
      client.write(Buffer.from([1, given === user ? 0 : 1]));
      if (given !== user) return client.end();
    }
    const request = await nextChunk(client);
    const named = request[3] === 3;
    const address = named
      ? request.subarray(5, 5 + (request[4] ?? 0)).toString()
      : [...request.subarray(4, 8)].join('.');
    const target = `${address}:${request.readUInt16BE(request.length - 2)}`;
    asked.push(target);
    return tunnel(client, target, () => client.write(Buffer.from([socksVersion, 0, 0, 1, 0, 0, 0, 0, 0, 0])));
  });
  return listen(server, { protocol: 'socks5', asked });
}

const nextChunk = (socket: Socket): Promise<Buffer> => new Promise((resolve) => socket.once('data', resolve));

function tunnel(client: Socket, target: string, onConnected: () => void): void {
  const [address = '', port = ''] = target.split(':');
  const venue = connect(Number(port), address, () => {
    onConnected();
    client.pipe(venue).pipe(client);
  });
  venue.on('error', () => client.destroy());
  client.on('close', () => venue.destroy());
}

async function listen(server: Server, { protocol, asked }: { protocol: string; asked: string[] }): Promise<TestProxy> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return {
    url: `${protocol}://${host}:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
