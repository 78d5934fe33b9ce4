/**
 * Content encoding `aws-chunked`: pieces with their length in hexadecimal before them, and trailers after the last one
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html). Signatures of pieces are passed over.
 */
import { S3Error } from './errors.ts';

/** A line is a length with a signature, or a trailer. */
const lineBytesMax = 4096;
const trailersMax = 16;
const lineEnd = Buffer.from('\r\n');
const nothing = Buffer.alloc(0);

/** Gives the bytes of the pieces. @param trailers takes what follows them, by lower-case name. @throws S3Error */
export async function* decodeChunked(
  source: AsyncIterable<Buffer>,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer> {
  const input = createInput(source);
  for (let size = readSize(await input.line()); size > 0; size = readSize(await input.line())) {
    yield* input.bytes(size);
    if ((await input.line()) !== '') throw malformed('a chunk is longer than it says');
  }
  for (let line = await input.line(); line !== ''; line = await input.line()) {
    const [, name, value] = /^([\w-]+):\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw malformed('a trailer has no name');
    trailers.set(name.toLowerCase(), value);
    if (trailers.size > trailersMax) throw malformed('there are too many trailers');
  }
}

function readSize(line: string): number {
  const [, size] = /^([0-9a-fA-F]{1,12})(?:;.*)?$/.exec(line) ?? [];
  if (size === undefined) throw malformed('a chunk does not begin with its length');
  return Number.parseInt(size, 16);
}

function createInput(source: AsyncIterable<Buffer>) {
  const iterator = source[Symbol.asyncIterator]();
  let pending: Buffer = nothing;

  async function more(): Promise<Buffer> {
    const { done, value } = await iterator.next();
    if (done) throw malformed('it ends before its last chunk');
    return value;
  }

  return {
    async line(): Promise<string> {
      let end = pending.indexOf(lineEnd);
      while (end < 0) {
        if (pending.length > lineBytesMax) throw malformed('a line is too long');
        pending = Buffer.concat([pending, await more()]);
        end = pending.indexOf(lineEnd);
      }
      const line = pending.subarray(0, end).toString('latin1');
      pending = pending.subarray(end + lineEnd.length);
      return line;
    },
    async *bytes(size: number): AsyncGenerator<Buffer> {
      for (let missing = size; missing > 0; ) {
        if (pending.length === 0) pending = await more();
        const piece = pending.subarray(0, missing);
        pending = pending.subarray(piece.length);
        missing -= piece.length;
        if (piece.length > 0) yield piece;
      }
    },
  };
}

const malformed = (problem: string): S3Error =>
  new S3Error('IncompleteBody', `The request body is not as aws-chunked must be: ${problem}`);
