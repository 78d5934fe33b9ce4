/**
 * Connections through HTTP and SOCKS proxies. Always a tunnel, also to plain HTTP: a proxy that is asked to fetch a page
 * answers in the venue's place, and then its own refusal looks like the venue's word.
 */
import type { Agent, ClientRequest } from 'node:http';

/** User and password at the proxies, from the account's secret. */
export interface ProxyCredentials {
  username: string;
  password: string;
}

export interface ProxyAgentOptions {
  /** Longest that an idle connection is kept. */
  idleMsMax: number;
  credentials?: ProxyCredentials | undefined;
}

/** What the agents of both kinds have in common, beyond what Node's types tell. */
interface TunnelAgent extends Agent {
  connect(request: ClientRequest, options: object): Promise<unknown>;
}

/**
 * Loads what the kind of proxy takes, which no desk without proxies pays for.
 *
 * @param proxy its address, without user and password
 * @returns an agent whose requests fail before they have a socket where the proxy gives no connection
 */
export async function createProxyAgent(proxy: string, { idleMsMax, credentials }: ProxyAgentOptions): Promise<Agent> {
  const address = new URL(proxy);
  if (credentials !== undefined) {
    address.username = encodeURIComponent(credentials.username);
    address.password = encodeURIComponent(credentials.password);
  }
  const agent = (await construct(address, { keepAlive: true, timeout: idleMsMax })) as unknown as TunnelAgent;
  const connect = agent.connect.bind(agent);
  agent.connect = async (request, options) => {
    let status = 200;
    // Of an HTTP proxy that says no, the agent would hand the answer on as if it were the venue's.
    request.once('proxyConnect', ({ statusCode }: { statusCode: number }) => {
      status = statusCode;
    });
    const socket = await connect(request, options);
    if (status === 200) return socket;
    throw new Error(status === 407 ? 'it wants another user or password (407)' : `it answered ${status}`);
  };
  return agent;
}

async function construct(address: URL, options: { keepAlive: boolean; timeout: number }): Promise<Agent> {
  if (address.protocol.startsWith('socks')) {
    const { SocksProxyAgent } = await import('socks-proxy-agent');
    return new SocksProxyAgent(address, options);
  }
  const { HttpsProxyAgent } = await import('https-proxy-agent');
  return new HttpsProxyAgent(address, options);
}
