/** Times as people and programs write them in parameters and on command lines. */

const isoPattern = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?(Z|[+-]\d{2}:\d{2})?)?$/;
/** Fewer digits are seconds, or a slip: as milliseconds they are in 1973 at the latest. */
const millisecondsPattern = /^\d{12,16}$/;
/** The last time that a date can hold. */
const lastMs = 8.64e15;

export const timeForms = 'a time such as 2026-11-21, 2026-11-21T09:30Z or 1795253400000 (UTC epoch milliseconds)';

/** @returns UTC epoch milliseconds; `undefined` for what is neither ISO 8601 nor that. Without a zone it is UTC, never the machine's zone. */
export function parseTime(text: string): number | undefined {
  if (millisecondsPattern.test(text)) return Number(text) <= lastMs ? Number(text) : undefined;
  if (text === '0') return 0;
  const match = isoPattern.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = match;
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.padEnd(3, '0')}Z`;
  const localMs = Date.parse(local);
  // A 31st of February is the 3rd of March to some readers of dates, and nobody means that.
  if (Number.isNaN(localMs) || new Date(localMs).toISOString() !== local) return undefined;
  const offset = offsetMs(zone);
  return offset === undefined ? undefined : localMs - offset;
}

function offsetMs(zone: string): number | undefined {
  if (zone === 'Z') return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(4, 6))];
  if (hours > 14 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
