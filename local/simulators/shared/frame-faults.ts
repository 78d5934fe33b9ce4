/** What goes wrong with single frames of a connection, between the venue and its customer. */
import type { WebSocket } from 'ws';
import type { FaultBoard, FaultSubject } from '../fault-board.ts';
import type { ScheduledFault } from '../faults.ts';
import { parseJson } from './parse-json.ts';

/** How a venue's frames are to be read. */
export interface FrameWords {
  /**
   * Which stream a frame belongs to, by the venue's name of the stream and everybody's of the market in control calls; `undefined`
   * for answers to requests, heartbeats and pongs, which no fault strikes.
   */
  streamOf(frame: unknown): { channel: string; symbol?: string | undefined } | undefined;
  /**
   * The frame with something wrong in it that whoever checks can see: another checksum, or a level that crosses the book;
   * `undefined` where there is nothing to spoil.
   */
  corrupt(text: string, frame: unknown): string | undefined;
}

type Sent = Parameters<WebSocket['send']>[0];

export interface FaultyConnection {
  /** Nothing is sent any more, and nothing answered. */
  readonly isSilent: boolean;
}

const kinds = [
  'disconnect',
  'silence',
  'drop-frame',
  'corrupt-frame',
  'reorder-frames',
] as const satisfies readonly ScheduledFault['kind'][];

/** Puts the faults of the board between a socket and what is sent over it from now on. */
export function spoilFrames(
  socket: WebSocket,
  { path, faults, words }: { path: string; faults: FaultBoard; words: FrameWords },
): FaultyConnection {
  const send: (data: Sent) => void = socket.send.bind(socket);
  /** By stream, a frame that the next one of its stream overtakes. */
  const held = new Map<string, Sent>();
  let silentUntilMs = 0;
  const isSilent = (): boolean => faults.nowMs() < silentUntilMs;

  const sendSpoiled = (text: string): void => {
    const frame = parseJson(text);
    const stream = words.streamOf(frame);
    if (stream === undefined) {
      send(text);
      return;
    }
    const subject: FaultSubject = { path, ...stream };
    const strikes = <Kind extends (typeof kinds)[number]>(kind: Kind) => faults.strike([kind], subject)[0];
    if (strikes('disconnect') !== undefined) {
      socket.terminate();
      return;
    }
    const silence = strikes('silence');
    if (silence !== undefined) {
      silentUntilMs = silence.silentMs === undefined ? Number.POSITIVE_INFINITY : faults.nowMs() + silence.silentMs;
      return;
    }
    if (strikes('drop-frame') !== undefined) return;
    const corrupted = words.corrupt(text, frame);
    const sent = corrupted !== undefined && strikes('corrupt-frame') !== undefined ? corrupted : text;
    const key = `${stream.channel} ${stream.symbol ?? ''}`;
    const overtaken = held.get(key);
    if (overtaken === undefined && strikes('reorder-frames') !== undefined) {
      held.set(key, sent);
      return;
    }
    send(sent);
    if (overtaken === undefined) return;
    held.delete(key);
    send(overtaken);
  };

  socket.send = (data: Sent): void => {
    if (isSilent()) return;
    // Reading what is sent costs as much as sending it, so it is read only where a fault could strike it.
    if (typeof data === 'string' && (held.size > 0 || faults.has(kinds))) sendSpoiled(data);
    else send(data);
  };
  return {
    get isSilent() {
      return isSilent();
    },
  };
}

/** A bid far above every price of a frame; the venue never takes it back, since it knows nothing of it. */
export function crossingLevel(
  levels: readonly (readonly [price: string, amount: string])[],
): [string, string] | undefined {
  const [price] = levels[0] ?? [];
  return price === undefined ? undefined : [String(Number(price) * 2), '1'];
}
