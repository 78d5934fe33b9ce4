/** A real HTTP server in the place of a chat platform or a webhook. It keeps what it was sent, and answers as a test says. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export type ChannelAnswer =
  | { status: number; body?: string; headers?: Record<string, string> }
  /** No answer, ever. */
  | 'silence'
  /** Headers and half a body, and then nothing. */
  | 'stall'
  /** The connection ends without an answer. */
  | 'drop'
  /** What is no HTTP. */
  | 'garbage';

export interface ChannelServer {
  readonly url: string;
  readonly received: Received[];
  /** Answers from now on. */
  answer: ChannelAnswer;
  close(): Promise<void>;
}

export async function startChannelServer(answer: ChannelAnswer = { status: 200 }): Promise<ChannelServer> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { method = '', url: path = '', headers } = request;
    received.push({ method, path, headers, body: Buffer.concat(parts).toString('utf8') });
    const said = channel.answer;
    if (said === 'silence') return;
    if (said === 'drop') return void response.destroy();
    if (said === 'garbage') return void response.socket?.end('SSH-2.0-nothing for you here\r\n');
    if (said === 'stall') {
      response.writeHead(200, { 'content-length': 1_000 });
      return void response.write('{"ok":');
    }
    response.writeHead(said.status, said.headers);
    response.end(said.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const channel: ChannelServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return channel;
}
