/** Where the output of functions goes, and the lines that Lambda itself adds to it. */
import { closeSync, existsSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Takes complete lines, each ending in a line feed. */
export type WriteLog = (text: string) => void;

export interface Logs {
  forFunction(name: string): WriteLog;
  close(): Promise<void>;
}

/** A log that has grown beyond this is set aside, over the one set aside before. */
const logBytesMaxDefault = 64 * 1024 * 1024;

interface LogFile {
  readonly path: string;
  descriptor: number;
  bytes: number;
}

/**
 * One file per function in `directory`, and one that was set aside as `.1`. Lines are written at once: handing them to
 * another thread costs several times as much as writing them, and loses those that wait there when this process is killed.
 */
export function createFileLogs(directory: string, logBytesMax = logBytesMaxDefault): Logs {
  mkdirSync(directory, { recursive: true });
  const files = new Map<string, LogFile>();

  function open(name: string): LogFile {
    const path = join(directory, `${name}.log`);
    const file = { path, descriptor: openSync(path, 'a'), bytes: statSync(path).size };
    files.set(name, file);
    return file;
  }

  function write(file: LogFile, text: string): void {
    if (file.bytes > logBytesMax) setAside(file);
    file.bytes += writeSync(file.descriptor, text);
  }

  return {
    forFunction(name) {
      if (!files.has(name)) open(name);
      return (text) => {
        const file = files.get(name);
        try {
          if (file === undefined) throw new Error('it is closed');
          write(file, text);
        } catch (error) {
          console.error(`cannot write the log of ${name}: ${(error as Error).message}`);
        }
      };
    },
    async close() {
      for (const { descriptor } of files.values()) closeSync(descriptor);
      files.clear();
    },
  };
}

/** Where that fails, the log goes on in the file that is open, and the next time is when as much again is in it. */
function setAside(file: LogFile): void {
  file.bytes = 0;
  try {
    if (existsSync(file.path)) renameSync(file.path, `${file.path}.1`);
    const next = openSync(file.path, 'a');
    // Not before there is another one: its number would soon stand for a file of somebody else.
    closeSync(file.descriptor);
    file.descriptor = next;
  } catch (error) {
    console.error(`cannot set ${file.path} aside: ${(error as Error).message}`);
  }
}

/** Hands every line to `sink`. */
export function createSinkLogs(sink: (functionName: string, text: string) => void): Logs {
  return { forFunction: (name) => (text) => sink(name, text), close: async () => undefined };
}

/** What Lambda knows about a finished invocation. Durations are milliseconds. */
export interface InvocationReport {
  requestId: string;
  durationMs: number;
  /** Present on the first invocation of a sandbox. */
  initDurationMs: number | undefined;
  memoryMb: number;
  memoryUsedMb: number | undefined;
  status: 'success' | 'error' | 'timeout';
}

/** Lambda's own lines in one of its two log formats. */
export interface PlatformLines {
  start(requestId: string): string;
  report(report: InvocationReport): string;
}

const textLines: PlatformLines = {
  start: (requestId) => `START RequestId: ${requestId} Version: $LATEST\n`,
  report(report) {
    const { requestId, durationMs, initDurationMs, memoryMb, memoryUsedMb, status } = report;
    const fields = [
      `REPORT RequestId: ${requestId}`,
      `Duration: ${durationMs.toFixed(2)} ms`,
      `Billed Duration: ${billed(report)} ms`,
      `Memory Size: ${memoryMb} MB`,
      ...(memoryUsedMb === undefined ? [] : [`Max Memory Used: ${memoryUsedMb} MB`]),
      ...(initDurationMs === undefined ? [] : [`Init Duration: ${initDurationMs.toFixed(2)} ms`]),
      ...(status === 'success' ? [] : [`Status: ${status}`]),
    ];
    return `END RequestId: ${requestId}\n${fields.join('\t')}\t\n`;
  },
};

const jsonLines: PlatformLines = {
  start: (requestId) => jsonLine('platform.start', { requestId, version: '$LATEST' }),
  report(report) {
    const { requestId, durationMs, initDurationMs, memoryMb, memoryUsedMb, status } = report;
    const metrics = {
      durationMs: Number(durationMs.toFixed(3)),
      billedDurationMs: billed(report),
      memorySizeMB: memoryMb,
      maxMemoryUsedMB: memoryUsedMb,
      initDurationMs: initDurationMs === undefined ? undefined : Number(initDurationMs.toFixed(3)),
    };
    return jsonLine('platform.report', { requestId, metrics, status });
  },
};

export function platformLines(format: 'Text' | 'JSON'): PlatformLines {
  return format === 'JSON' ? jsonLines : textLines;
}

function billed({ durationMs, initDurationMs = 0 }: InvocationReport): number {
  return Math.ceil(durationMs + initDurationMs);
}

function jsonLine(type: string, record: Record<string, unknown>): string {
  return `${JSON.stringify({ time: new Date().toISOString(), type, record })}\n`;
}

/** Lambda returns at most the last 4 KB of a log with an answer. */
const logTailCharacters = 4096;

/** Collects the end of what one invocation logs. */
export function createLogTail(): { add(text: string): void; text(): string } {
  let kept = '';
  return {
    add(text) {
      kept = (kept + text).slice(-logTailCharacters);
    },
    text: () => kept,
  };
}

/** Cuts output into whole lines, so that sandboxes that log at once do not tear each other's lines. */
export function createLineBuffer(write: WriteLog): { add(chunk: string): void; flush(): void } {
  let rest = '';
  return {
    add(chunk) {
      const end = chunk.lastIndexOf('\n') + 1;
      if (end > 0) write(rest + chunk.slice(0, end));
      rest = end > 0 ? chunk.slice(end) : rest + chunk;
    },
    flush() {
      if (rest !== '') write(`${rest}\n`);
      rest = '';
    },
  };
}
