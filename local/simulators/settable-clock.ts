/** Real time until somebody sets it: to another time, to another speed, or to a stop. */
import type { VenueClock } from './clock.ts';

export interface ClockChange {
  /** Epoch milliseconds. @default as it is */
  atMs?: number | undefined;
  /** How many milliseconds pass in one of the machine's; 0 stops it. @default as it is */
  speed?: number | undefined;
}

export interface SettableClock extends VenueClock {
  set(change: ClockChange): void;
}

interface Appointment {
  readonly dueMs: number;
  readonly action: () => void;
  timer: NodeJS.Timeout | undefined;
}

/** Epoch milliseconds with decimals, which never go back. */
const machineNowMs = (): number => performance.timeOrigin + performance.now();
/** A timer that runs out so much sooner than its time has come was made for a time that passes more slowly than the machine's. */
const earlyMsMax = 1;

/**
 * However far it is moved, what repeats happens once and is then planned anew: a day that passes at once is no work. What was
 * planned before a move back waits until its time comes again.
 *
 * @param machineMs another time than the machine's, which may pass more slowly than that, and never faster
 */
export function createSettableClock(machineMs: () => number = machineNowMs): SettableClock {
  const appointments = new Set<Appointment>();
  let base = { machineMs: machineMs(), atMs: machineMs() };
  let speed = 1;
  const nowMs = () => base.atMs + (machineMs() - base.machineMs) * speed;
  const keep = (appointment: Appointment) => {
    if (appointments.delete(appointment)) appointment.action();
  };
  const leftMs = ({ dueMs }: Appointment) => Math.max(0, dueMs - nowMs()) / speed;
  const wake = (appointment: Appointment) => {
    if (leftMs(appointment) > earlyMsMax) plan(appointment);
    else keep(appointment);
  };
  const plan = (appointment: Appointment) => {
    clearTimeout(appointment.timer);
    if (speed === 0) return;
    appointment.timer = setTimeout(wake, leftMs(appointment), appointment);
    appointment.timer.unref();
  };

  return {
    nowMs,
    after(delayMs, action) {
      const appointment: Appointment = { dueMs: nowMs() + delayMs, action, timer: undefined };
      appointments.add(appointment);
      plan(appointment);
      return () => {
        clearTimeout(appointment.timer);
        appointments.delete(appointment);
      };
    },
    set(change) {
      base = { machineMs: machineMs(), atMs: change.atMs ?? nowMs() };
      speed = change.speed ?? speed;
      for (const appointment of [...appointments]) {
        if (appointment.dueMs <= nowMs()) {
          clearTimeout(appointment.timer);
          keep(appointment);
        } else plan(appointment);
      }
    },
  };
}
