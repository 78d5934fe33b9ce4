/**
 * Ports on which venues speak WebSocket, as ccxt's classes have them (`urls.api` in `ccxt/js/src/pro`): nearly all on that of HTTPS, Binance
 * on 9443 and OKX on 8443. Firewalls know addresses and ports, not venues, so these are open for all of them.
 */
export const streamPorts: readonly number[] = [443, 8443, 9443];
