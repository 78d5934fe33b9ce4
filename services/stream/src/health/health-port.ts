import { environmentNames } from '@nightdesk/core';

const defaultHealthPort = 8_080;

/** The port on loopback where `GET /health` answers; 0 is nowhere. @throws TypeError when it is no port */
export function readHealthPort(text: string | undefined): number {
  if (text === undefined || text === '') return defaultHealthPort;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new TypeError(`${environmentNames.healthPort} must be a port from 0 to 65535, not "${text}"`);
}
