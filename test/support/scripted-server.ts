/** A real HTTP server that answers as a test says, for answers no well-behaved simulator would give. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ScriptedRequest {
  method: string;
  path: string;
  /** Query and form body together. */
  parameters: URLSearchParams;
}

export type ScriptedAnswer =
  | { status?: number; body: unknown }
  /** The connection ends without an answer. */
  | 'drop'
  /** No answer, ever. */
  | 'silence'
  /** Headers and half a body, and then nothing. */
  | 'stall';

export type Script = (request: ScriptedRequest) => ScriptedAnswer;

export interface ScriptedServer {
  url: string;
  /** Every request so far, in order. */
  requests: ScriptedRequest[];
  /** Answers from now on. */
  script: Script;
  close(): Promise<void>;
}

export async function startScriptedServer(script: Script): Promise<ScriptedServer> {
  const server = createServer((incoming, response) => void answer(incoming, response));
  const scripted: ScriptedServer = {
    url: '',
    requests: [],
    script,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? '/', 'http://127.0.0.1');
    let body = '';
    for await (const chunk of incoming) body += chunk;
    const parameters = new URLSearchParams([...url.searchParams, ...new URLSearchParams(body)]);
    const request = { method: incoming.method ?? 'GET', path: url.pathname, parameters };
    scripted.requests.push(request);
    send(response, scripted.script(request));
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  scripted.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return scripted;
}

function send(response: ServerResponse, answer: ScriptedAnswer): void {
  if (answer === 'silence') return;
  if (answer === 'drop') {
    response.destroy();
    return;
  }
  if (answer === 'stall') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1_000 });
    response.write('{"orderId":');
    return;
  }
  const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
  response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' });
  response.end(text);
}
