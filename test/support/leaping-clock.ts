/** Time for a desk and the venues around it that is the machine's, and leaps ahead when a test says so. */
import type { Clock } from '@nightdesk/core';
import type { VenueClock } from '../../local/simulators/clock.ts';

export interface LeapingClock {
  /** For what runs in the desk. Sleeping takes as long as it says: answers are under way meanwhile. */
  readonly desk: Clock;
  /** The same time for simulated venues. */
  readonly venue: VenueClock;
  /** Lets so much time pass at once. What venues have planned for in between happens, each at its time. */
  leap(byMs: number): void;
}

interface Appointment {
  dueMs: number;
  action: () => void;
}

const hourMs = 60 * 60_000;
const dayMs = 24 * hourMs;

/** How far ahead it is one o'clock, UTC: perpetuals pay at eight and midnight, which tests are not to run into by chance. */
const untilOneMs = (nowMs: number): number => (dayMs + hourMs - (nowMs % dayMs)) % dayMs;

export function createLeapingClock(): LeapingClock {
  let aheadMs = untilOneMs(performance.timeOrigin + performance.now());
  const appointments = new Set<Appointment>();
  const nowMs = () => performance.timeOrigin + performance.now() + aheadMs;
  const keep = (appointment: Appointment) => {
    if (appointments.delete(appointment)) appointment.action();
  };
  return {
    desk: {
      nowMs: () => Math.floor(nowMs()),
      sleep: (delayMs) => new Promise((resolve) => setTimeout(resolve, delayMs)),
    },
    venue: {
      nowMs,
      after(delayMs, action) {
        const appointment = { dueMs: nowMs() + delayMs, action };
        appointments.add(appointment);
        const timer = setTimeout(keep, delayMs, appointment);
        timer.unref();
        return () => {
          clearTimeout(timer);
          appointments.delete(appointment);
        };
      },
    },
    leap(byMs) {
      const targetMs = nowMs() + byMs;
      for (
        let next = firstUntil(targetMs, appointments);
        next !== undefined;
        next = firstUntil(targetMs, appointments)
      ) {
        aheadMs += Math.max(0, next.dueMs - nowMs());
        keep(next);
      }
      aheadMs += Math.max(0, targetMs - nowMs());
    },
  };
}

function firstUntil(targetMs: number, appointments: ReadonlySet<Appointment>): Appointment | undefined {
  let first: Appointment | undefined;
  for (const each of appointments) if (each.dueMs <= targetMs && each.dueMs < (first?.dueMs ?? Infinity)) first = each;
  return first;
}
