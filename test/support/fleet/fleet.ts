/** A fleet of sandboxes as child processes. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { FleetCommand, FleetReport } from './sandbox.ts';

const script = fileURLToPath(new URL('sandbox.ts', import.meta.url));

interface Sandbox {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  readonly lines: AsyncIterator<string>;
}

export class Fleet {
  readonly #sandboxes: readonly Sandbox[];

  private constructor(sandboxes: readonly Sandbox[]) {
    this.#sandboxes = sandboxes;
  }

  /** @param awsUrl the embedded cloud that all of them talk to */
  static async start(size: number, awsUrl: string): Promise<Fleet> {
    const env = {
      PATH: process.env.PATH,
      AWS_ENDPOINT_URL: awsUrl,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    };
    const sandboxes = Array.from({ length: size }, () => {
      const child = spawn(process.execPath, [script], { env, stdio: ['pipe', 'pipe', 'inherit'] });
      const lines: Interface = createInterface({ input: child.stdout });
      return { child, lines: lines[Symbol.asyncIterator]() };
    });
    // The first line says that everything is loaded.
    await Promise.all(sandboxes.map(({ lines }) => lines.next()));
    return new Fleet(sandboxes);
  }

  /** Has every sandbox carry out a command, and adds their reports up. @throws Error when one of them ended */
  async run(command: FleetCommand): Promise<FleetReport> {
    const reports = await Promise.all(
      this.#sandboxes.map(async ({ child, lines }) => {
        child.stdin.write(`${JSON.stringify(command)}\n`);
        const { value, done } = await lines.next();
        if (done === true) throw new Error('a sandbox of the fleet ended; its error is on stderr');
        return JSON.parse(value) as FleetReport;
      }),
    );
    const total: FleetReport = {};
    for (const [what, count] of reports.flatMap((report) => Object.entries(report))) {
      total[what] = (total[what] ?? 0) + count;
    }
    return total;
  }

  async close(): Promise<void> {
    const ends = this.#sandboxes.map(({ child }) => new Promise((resolve) => child.once('exit', resolve)));
    for (const { child } of this.#sandboxes) child.kill('SIGKILL');
    await Promise.all(ends);
  }
}
