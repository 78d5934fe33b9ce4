/**
 * A venue that speaks Bybit's protocol and pushes a recorded book under the names of many markets, over and over: as fast as it is read, or
 * at a rate. A process of its own, so that what it does takes no time from who reads.
 *
 * stdin `PushBooksInput`, then one JSON line with its address on stdout. `POST /__push` with `PushOrder` begins or ends the pushing, `GET`
 * tells what was pushed. What it does not know it passes on to a simulated venue, such as questions about markets.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { json, text } from 'node:stream/consumers';
import { type WebSocket, WebSocketServer } from 'ws';
import { preciseNowMs } from '../child.ts';
import { bestLevels, bybitRecording, changesOf } from '../recorded-books.ts';

export interface PushBooksInput {
  /** The simulated venue. */
  upstreamUrl: string;
}

export interface PushOrder {
  /** Updates a second, of all markets together; 0 ends it, and absent is as fast as they are read. */
  ratePerSecond?: number;
}

export interface Pushed {
  updates: number;
  subscriptions: number;
  /** When each of the latest updates of the market that was subscribed first was sent, by its number; epoch milliseconds. */
  probe: { symbol: string; sentAtMs: [number: number, atMs: number][] } | undefined;
}

interface Topic {
  readonly name: string;
  readonly symbol: string;
  readonly steps: readonly string[];
  readonly socket: WebSocket;
  readonly wire: Socket;
  step: number;
  updateId: number;
}

const bufferedBytesMax = 250_000;
const updatesAtOnce = 64;
const rateEveryMs = 4;
const rememberedMax = 20_000;
const firstUpdateId = 1_000_000;

const { upstreamUrl } = (await json(process.stdin)) as PushBooksInput;
const recording = bybitRecording();
const stepsOfDepth = new Map<number, { snapshot: string; steps: string[] }>();
const topics: Topic[] = [];
const sentAtMs = new Map<number, number>();
let probe: Topic | undefined;
let updates = 0;
let turn = 0;
/** Of the pushing that goes on: another one ends it. */
let order = 0;

/** The recorded book of so many levels, and what leads from each state to the next, the last one back to the first. */
function stepsOf(depth: number): { snapshot: string; steps: string[] } {
  const known = stepsOfDepth.get(depth);
  if (known !== undefined) return known;
  const states = bestLevels(recording, depth);
  const steps = states.map((state, index) => {
    const next = states[(index + 1) % states.length] ?? state;
    return `"b":${JSON.stringify(changesOf(state.b, next.b))},"a":${JSON.stringify(changesOf(state.a, next.a))}`;
  });
  const made = { snapshot: `"b":${JSON.stringify(states[0]?.b)},"a":${JSON.stringify(states[0]?.a)}`, steps };
  stepsOfDepth.set(depth, made);
  return made;
}

function frameOf(type: 'snapshot' | 'delta', { name, symbol, updateId }: Topic, levels: string): string {
  const ts = Math.floor(preciseNowMs());
  const data = `{"s":"${symbol}",${levels},"u":${updateId},"seq":${updateId}}`;
  return `{"topic":"${name}","type":"${type}","ts":${ts},"data":${data},"cts":${ts}}`;
}

function pushOne(): void {
  const topic = topics[turn % topics.length];
  turn += 1;
  if (topic === undefined || topic.socket.readyState !== topic.socket.OPEN) return;
  const levels = topic.steps[topic.step % topic.steps.length] ?? '';
  topic.step += 1;
  topic.updateId += 1;
  if (topic === probe) {
    sentAtMs.set(topic.updateId, preciseNowMs());
    if (sentAtMs.size > rememberedMax) sentAtMs.delete(sentAtMs.keys().next().value ?? 0);
  }
  topic.socket.send(frameOf('delta', topic, levels));
  updates += 1;
}

async function pushAll(own: number): Promise<void> {
  while (own === order && topics.length > 0) {
    // Written together, as venues do under load: else the system calls of the two ends would be all that is measured.
    const wires = new Set(topics.map(({ wire }) => wire));
    for (const wire of wires) wire.cork();
    for (let count = 0; count < updatesAtOnce; count++) pushOne();
    for (const wire of wires) wire.uncork();
    await new Promise(setImmediate);
    while (own === order && isFull()) await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Who reads is behind: what is pushed on would only wait here. */
const isFull = (): boolean => topics.some(({ socket }) => socket.bufferedAmount > bufferedBytesMax);

async function pushAtRate(own: number, ratePerSecond: number): Promise<void> {
  const startMs = preciseNowMs();
  let pushed = 0;
  while (own === order) {
    const due = ((preciseNowMs() - startMs) * ratePerSecond) / 1_000;
    for (; pushed < due; pushed++) pushOne();
    await new Promise((resolve) => setTimeout(resolve, rateEveryMs));
  }
}

interface Connection {
  socket: WebSocket;
  wire: Socket;
}

function receive({ socket, wire }: Connection, message: { op?: string; args?: string[]; req_id?: string }): void {
  const { op, args = [], req_id } = message;
  socket.send(JSON.stringify({ success: true, ret_msg: op === 'ping' ? 'pong' : '', conn_id: 'push', req_id, op }));
  if (op !== 'subscribe') return;
  for (const name of args) {
    const [, depth, symbol = ''] = name.split('.');
    const { snapshot, steps } = stepsOf(Number(depth));
    const topic: Topic = { ...{ name, symbol, steps, socket, wire }, step: 0, updateId: firstUpdateId };
    socket.send(frameOf('snapshot', topic, snapshot));
    topics.push(topic);
    probe ??= topic;
  }
}

function leave(socket: WebSocket): void {
  const left = topics.filter((topic) => topic.socket !== socket);
  topics.splice(0, topics.length, ...left);
  if (probe?.socket === socket) probe = topics[0];
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let [status, body] = [200, ''];
  if (request.url === '/__push') {
    if (request.method === 'POST') {
      const { ratePerSecond } = JSON.parse(await text(request)) as PushOrder;
      order += 1;
      if (ratePerSecond === undefined) void pushAll(order);
      else if (ratePerSecond > 0) void pushAtRate(order, ratePerSecond);
    }
    const known = probe && { symbol: probe.symbol, sentAtMs: [...sentAtMs] };
    body = JSON.stringify({ updates, subscriptions: topics.length, probe: known } satisfies Pushed);
  } else {
    const passed = await fetch(`${upstreamUrl}${request.url}`);
    [status, body] = [passed.status, await passed.text()];
  }
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(body);
}

const server = createServer((request, response) => void answer(request, response));
const sockets = new WebSocketServer({ server });
sockets.on('connection', (socket: WebSocket, { socket: wire }: IncomingMessage) => {
  socket.on('message', (data) => receive({ socket, wire }, JSON.parse(data.toString())));
  socket.on('close', () => leave(socket));
  socket.on('error', () => socket.terminate());
});
server.listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  process.stdout.write(`${JSON.stringify({ ready: true, url, pid: process.pid })}\n`);
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0));
