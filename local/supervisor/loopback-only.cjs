/**
 * Keeps a process on this machine: every connection, datagram, look-up and listening socket that is not loopback throws,
 * loudly and before anything leaves. The supervisor loads it, and every child through NODE_OPTIONS, so that no mistake in
 * wiring can reach a real venue or AWS. Plain JavaScript, because stripping types would be paid on every cold start.
 */
'use strict';

const dgram = require('node:dgram');
const dns = require('node:dns');
const { syncBuiltinESMExports } = require('node:module');
const net = require('node:net');

const guardMark = Symbol.for('nightdesk.loopback-only');

const loopback = new net.BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

function isLoopbackAddress(address) {
  const family = net.isIP(address);
  return family !== 0 && loopback.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/** Node means `localhost` when no host is given. */
const isLoopbackHost = (host) => !host || host === 'localhost' || isLoopbackAddress(host);

function refuse(what, host) {
  const error = new Error(`local mode stays on this machine: ${what} ${host} was refused`);
  error.code = 'ERR_NIGHTDESK_NOT_LOOPBACK';
  // Also where the caller swallows the error.
  process.stderr.write(`${error.message}\n`);
  return error;
}

/** Wraps a look-up, so that a name which turns out to be elsewhere is refused as well. */
function checkedLookup(lookup) {
  return function guardedLookup(hostname, options, callback) {
    const done = typeof options === 'function' ? options : callback;
    const settings = typeof options === 'function' ? {} : options;
    if (!isLoopbackHost(hostname)) {
      process.nextTick(done, refuse('looking up', hostname));
      return;
    }
    lookup(hostname, settings, (error, address, family) => {
      const found = Array.isArray(address) ? address.map((entry) => entry.address) : [address];
      const outside = error ? undefined : found.find((candidate) => !isLoopbackAddress(candidate));
      if (outside === undefined) done(error, address, family);
      else done(refuse('connecting to', outside));
    });
  };
}

function guardTcp() {
  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function guardedConnect(...given) {
    // Node calls itself with the arguments already in one array.
    const [target, second] = Array.isArray(given[0]) ? given[0] : given;
    const options = target !== null && typeof target === 'object' ? target : undefined;
    const host = options ? options.host : typeof second === 'string' ? second : undefined;
    if (!isLoopbackHost(host)) throw refuse('connecting to', host);
    if (typeof options?.lookup === 'function') options.lookup = checkedLookup(options.lookup);
    return connect.apply(this, given);
  };

  const listen = net.Server.prototype.listen;
  net.Server.prototype.listen = function guardedListen(...given) {
    const [target, second] = Array.isArray(given[0]) ? given[0] : given;
    const options = target !== null && typeof target === 'object' ? target : undefined;
    const isTcp = options ? options.port !== undefined : /^\d+$/.test(String(target ?? 0));
    const host = options ? options.host : typeof second === 'string' ? second : undefined;
    // Without a host Node listens on every interface.
    if (isTcp && (!host || !isLoopbackHost(host))) throw refuse('listening on', host ?? 'every interface');
    return listen.apply(this, given);
  };
}

function guardUdp() {
  const { bind, connect, send } = dgram.Socket.prototype;
  dgram.Socket.prototype.connect = function guardedConnect(port, address, ...rest) {
    if (typeof address === 'string' && !isLoopbackHost(address)) throw refuse('connecting to', address);
    return connect.call(this, port, address, ...rest);
  };
  dgram.Socket.prototype.send = function guardedSend(...given) {
    const host = given.slice(1).findLast((argument) => typeof argument === 'string');
    if (!isLoopbackHost(host)) throw refuse('sending to', host);
    return send.apply(this, given);
  };
  dgram.Socket.prototype.bind = function guardedBind(...given) {
    const [first, second] = given;
    const host = first !== null && typeof first === 'object' ? first.address : second;
    if (typeof host !== 'string' || !isLoopbackHost(host)) throw refuse('listening on', host ?? 'every interface');
    return bind.apply(this, given);
  };
}

/** Questions that Node sends to name servers itself, rather than by the system's look-up. */
const nameServerQuestion = /^(resolve.*|reverse|lookupService)$/;

function guardNames() {
  const lookup = dns.lookup;
  const lookupPromise = dns.promises.lookup;
  dns.lookup = checkedLookup(lookup);
  dns.promises.lookup = async (hostname, options) => {
    if (!isLoopbackHost(hostname)) throw refuse('looking up', hostname);
    return lookupPromise(hostname, options);
  };
  const places = [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype];
  for (const place of places) {
    for (const name of Object.getOwnPropertyNames(place).filter((key) => nameServerQuestion.test(key))) {
      place[name] = (hostname) => {
        throw refuse('asking a name server about', hostname);
      };
    }
  }
}

if (!globalThis[guardMark]) {
  globalThis[guardMark] = true;
  guardTcp();
  guardUdp();
  guardNames();
  syncBuiltinESMExports();
}
