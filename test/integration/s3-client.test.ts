/** What the client of the archive does when S3 falls silent. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createArchive, createS3Client } from '@nightdesk/aws';
import { afterEach, expect, it } from 'vitest';
import { candleSeries, candles, day } from '../support/candle-series.ts';

const server = createServer();
afterEach(() => {
  server.removeAllListeners('request');
  server.closeAllConnections();
  server.close();
});

async function archiveAt(answer: (response: ServerResponse, question: number) => void) {
  let questions = 0;
  server.on('request', (request, response) => {
    questions += 1;
    request.resume();
    answer(response, questions);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = createS3Client({ endpoint, region: 'us-east-1', credentials }, { silenceMs: 60 });
  return { archive: createArchive(client, 'archive'), questions: () => questions };
}

it('waits no longer for the rest of a file than for its beginning', async () => {
  const { archive } = await archiveAt((response) => {
    response.writeHead(200, { etag: '"1"', 'content-length': '1000' });
    response.write('PAR1');
  });
  await expect(archive.readCandles(candleSeries(), day)).rejects.toThrow(
    /candles\.parquet could not be read: .*timed out/,
  );
});

it('asks again where nothing came, and gives up in the end', async () => {
  const { archive, questions } = await archiveAt((response, question) => {
    if (question === 2) response.writeHead(200, { etag: '"1"' }).end();
  });
  await archive.writeCandles(candleSeries(), day, candles(3));
  expect(questions()).toBe(2);
  server.removeAllListeners('request');
  await expect(archive.writeCandles(candleSeries(), day, candles(3))).rejects.toThrow(
    /candles\.parquet could not be written: .*timed out/,
  );
});
