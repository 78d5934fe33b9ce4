/**
 * Posts bodies at a fixed rate, whatever becomes of earlier ones: an open loop, as the senders of signals do not wait for
 * each other. A generator that waited for answers would stop asking exactly when the answers are slow.
 *
 * stdin `LoadPlan`, stdout `LoadSample[]`, both JSON.
 */
import http from 'node:http';
import { json, text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

export interface LoadPlan {
  /** Several take turns. */
  url: string | readonly string[];
  ratePerSecond: number;
  bodies: string[];
}

export interface LoadSample {
  /** Epoch milliseconds with decimals, as all times here. */
  dueAtMs: number;
  postedAtMs: number;
  answeredAtMs: number;
  /** 0 when there was no answer. */
  status: number;
  answer: string;
}

const { url, ratePerSecond, bodies } = (await json(process.stdin)) as LoadPlan;
const urls = typeof url === 'string' ? [url] : url;
const agent = new http.Agent({ keepAlive: true });
const nowMs = (): number => performance.timeOrigin + performance.now();

function post(body: string, { to, dueAtMs }: { to: string; dueAtMs: number }): Promise<LoadSample> {
  return new Promise((resolve) => {
    const postedAtMs = nowMs();
    const end = (status: number, answer: string) =>
      resolve({ dueAtMs, postedAtMs, answeredAtMs: nowMs(), status, answer });
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const request = http.request(to, { method: 'POST', agent, headers }, (response) => {
      text(response).then(
        (answer) => end(response.statusCode ?? 0, answer),
        (error: Error) => end(0, error.message),
      );
    });
    request.on('error', (error) => end(0, error.message));
    request.end(body);
  });
}

const startMs = nowMs();
const samples: Promise<LoadSample>[] = [];
for (const [index, body] of bodies.entries()) {
  const dueAtMs = startMs + (index * 1000) / ratePerSecond;
  const waitMs = dueAtMs - nowMs();
  if (waitMs > 0) await sleep(waitMs);
  samples.push(post(body, { to: urls[index % urls.length] ?? '', dueAtMs }));
}
process.stdout.write(JSON.stringify(await Promise.all(samples)));
agent.destroy();
