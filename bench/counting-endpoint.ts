/** Stands before the AWS endpoint and counts what requests to DynamoDB would be charged. */
import http, { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { addUnits, type IndexKeys, type TableUnits, unitsOf } from './table-units.ts';

export interface CountingEndpoint {
  /** For `AWS_ENDPOINT_URL`. */
  readonly url: string;
  /** Of everything that went through so far. @throws Error when something of it could not be counted */
  total(): TableUnits;
  /** Of what went to one table by itself. @throws as `total` */
  ofTable(name: string): TableUnits;
  /** Requests to tables so far, those included that were refused. */
  requests(): number;
  close(): Promise<void>;
}

const noUnits: TableUnits = { read: 0, write: 0 };
const dynamoDbPrefix = 'DynamoDB_20120810.';
/** Longer than the SDK keeps an idle socket. */
const keepAliveTimeoutMs = 75_000;

/** @param aws origin of the endpoint that answers */
export async function startCountingEndpoint(aws: string, indexKeys: IndexKeys): Promise<CountingEndpoint> {
  const agent = new http.Agent({ keepAlive: true });
  let units: TableUnits = noUnits;
  const byTable = new Map<string, TableUnits>();
  let requests = 0;
  let failure: unknown;

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = String(request.headers['x-amz-target'] ?? '');
    const body = await buffer(request);
    if (!target.startsWith(dynamoDbPrefix)) {
      const { answer, content } = await forward(request, { aws, agent, body });
      response.writeHead(answer.statusCode ?? 502, plainHeaders(answer)).end(content);
      return;
    }
    const asked: Record<string, unknown> = {
      ...(JSON.parse(body.toString()) as object),
      ReturnConsumedCapacity: 'TOTAL',
    };
    const { answer, content } = await forward(request, { aws, agent, body: Buffer.from(JSON.stringify(asked)) });
    const { statusCode: status = 502 } = answer;
    response.writeHead(status, plainHeaders(answer)).end(content);
    requests += 1;
    const operation = target.slice(dynamoDbPrefix.length);
    const exchange = { operation, request: asked, status, answer: JSON.parse(content.toString()) };
    const charged = unitsOf(exchange, indexKeys);
    units = addUnits(units, charged);
    const table = String(exchange.request.TableName ?? '');
    byTable.set(table, addUnits(byTable.get(table) ?? noUnits, charged));
  }

  const server = createServer({ keepAliveTimeout: keepAliveTimeoutMs }, (request, response) => {
    pass(request, response).catch((error: unknown) => {
      failure ??= error;
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    total() {
      if (failure !== undefined) throw failure;
      return units;
    },
    ofTable(name) {
      if (failure !== undefined) throw failure;
      return byTable.get(name) ?? noUnits;
    },
    requests: () => requests,
    close: () =>
      new Promise((resolve) => {
        agent.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Onward {
  aws: string;
  agent: http.Agent;
  body: Buffer;
}

function forward(
  { method, url = '/', headers }: IncomingMessage,
  { aws, agent, body }: Onward,
): Promise<{ answer: IncomingMessage; content: Buffer }> {
  return new Promise((resolve, reject) => {
    const { host: _host, 'transfer-encoding': _encoding, ...kept } = headers;
    const options = { method, agent, headers: { ...kept, 'content-length': body.length } };
    const onward = http.request(new URL(url, aws), options, (answer) => {
      buffer(answer).then((content) => resolve({ answer, content }), reject);
    });
    onward.once('error', reject).end(body);
  });
}

/** The body goes on in one piece, whatever it came in. */
const plainHeaders = ({ headers }: IncomingMessage): http.OutgoingHttpHeaders => {
  const { 'transfer-encoding': _encoding, connection: _connection, 'keep-alive': _keepAlive, ...kept } = headers;
  return kept;
};
