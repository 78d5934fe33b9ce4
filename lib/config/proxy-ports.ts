import type { DeskConfig } from '@nightdesk/core';

/** Where a proxy listens whose address names no port. */
const standardPorts: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };
/** That of all kinds of SOCKS. */
const socksPort = 1080;

/** Ports of all proxies that a configuration sends requests through, each once, in order. */
export function proxyPortsOf({ exchanges, accounts }: DeskConfig): number[] {
  const proxies = [...Object.values(exchanges), ...Object.values(accounts)].flatMap(
    (settings) => settings.proxies ?? [],
  );
  const ports = proxies.map((proxy) => {
    const { port, protocol } = new URL(proxy);
    return port === '' ? (standardPorts[protocol] ?? socksPort) : Number(port);
  });
  return [...new Set(ports)].sort((left, right) => left - right);
}
