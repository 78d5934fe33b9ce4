/**
 * Loaded by `--require`: from then on `Date` is ahead by the milliseconds in the file that NIGHTDESK_BENCH_SHIFT names, so that an
 * hour passes in a minute. Timers keep their pace. Plain JavaScript, since functions load it before they can strip types.
 */
'use strict';

const { readFileSync } = require('node:fs');

const RealDate = Date;
const readEveryMs = 5;
let shiftMs = 0;
let readAtMs = Number.NEGATIVE_INFINITY;

function nowMs() {
  if (performance.now() - readAtMs > readEveryMs) {
    shiftMs = Number(readFileSync(process.env.NIGHTDESK_BENCH_SHIFT, 'utf8'));
    readAtMs = performance.now();
  }
  return RealDate.now() + shiftMs;
}

globalThis.Date = new Proxy(RealDate, {
  construct: (target, parts, made) => Reflect.construct(target, parts.length === 0 ? [nowMs()] : parts, made),
  get: (target, name) => (name === 'now' ? nowMs : Reflect.get(target, name)),
});
