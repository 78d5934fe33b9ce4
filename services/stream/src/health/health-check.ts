/** What the container's health check runs: asks the service beside it, and ends with 0 where that is well. */
import { get } from 'node:http';
import { healthPath } from './health-server.ts';

const answerMsMax = 2_000;

/** @returns whether the service at this port of loopback says that it is well; without a port nobody can be asked, and nothing is wrong */
export async function checkHealth(port: number): Promise<boolean> {
  if (port === 0) return true;
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path: healthPath, timeout: answerMsMax }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
    request.on('close', () => resolve(false));
  });
}
