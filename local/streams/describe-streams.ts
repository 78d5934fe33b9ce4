/** What the tasks of the stream service tell of themselves, as a person reads it. */
import type { LatencyFigures, StreamFigures, StreamIncidentKind, StreamTaskStatus } from '@nightdesk/core';
import { bytesText, durationText, tableText } from '../candles/describe.ts';
import type { StreamsAnswer } from './live-source.ts';

/** Incidents shown, of all tasks. */
const incidentsMax = 10;
/** What takes a stream out of use until it was fetched anew. */
const broken: readonly StreamIncidentKind[] = ['gap', 'checksum', 'crossed', 'silent', 'thin'];

/** True where every task that there is has all of its connections open, and every piece of work has a task. */
export const isFine = ({ tasks }: StreamsAnswer): boolean =>
  tasks.length > 0 && tasks.every(({ units, unplaced }) => unplaced === 0 && units.every(({ isOpen }) => isOpen));

export function describeStreams(answer: StreamsAnswer): string {
  const { tasks } = answer;
  if (tasks.length === 0) {
    return 'no task of the stream service has told of itself for a minute: `streams` of collection.yaml says what is streamed';
  }
  const streams = joinStreams(tasks.flatMap((task) => task.streams));
  const parts = [summaryOf(streams, tasks), streamsTable(streams), tasksTable(answer), latestTable(answer)];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** A venue's kind over all tasks: what is counted adds up, and of shares the worst is shown. */
export function joinStreams(all: readonly StreamFigures[]): StreamFigures[] {
  const groups = [...Map.groupBy(all, ({ venue, kind }) => `${venue} ${kind}`).values()];
  const joined = groups.flatMap(([first, ...rest]) => (first === undefined ? [] : [rest.reduce(join, first)]));
  return joined.sort((left, right) => (nameOf(left) < nameOf(right) ? -1 : 1));
}

const nameOf = ({ venue, kind }: StreamFigures): string => `${venue} ${kind}`;

function join(left: StreamFigures, right: StreamFigures): StreamFigures {
  const names = new Set([...Object.keys(left.incidents), ...Object.keys(right.incidents)] as StreamIncidentKind[]);
  const incidents = [...names].map((name) => [name, (left.incidents[name] ?? 0) + (right.incidents[name] ?? 0)]);
  const lagMs = worst(left.lagMs, right.lagMs);
  const publishMs = worst(left.publishMs, right.publishMs);
  return {
    ...{ venue: left.venue, kind: left.kind, incidents: Object.fromEntries(incidents) },
    ...(lagMs && { lagMs }),
    ...(publishMs && { publishMs }),
    subscriptions: left.subscriptions + right.subscriptions,
    updatesPerSecond: left.updatesPerSecond + right.updatesPerSecond,
    written: left.written + right.written,
    conflated: left.conflated + right.conflated,
  };
}

function worst(left: LatencyFigures | undefined, right: LatencyFigures | undefined): LatencyFigures | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  const figure = (name: keyof LatencyFigures) => Math.max(left[name], right[name]);
  return { p50: figure('p50'), p90: figure('p90'), p99: figure('p99'), max: figure('max') };
}

function summaryOf(streams: readonly StreamFigures[], tasks: readonly StreamTaskStatus[]): string {
  const sum = (value: (figures: StreamFigures) => number) => streams.reduce((total, each) => total + value(each), 0);
  const venues = new Set(streams.map(({ venue }) => venue)).size;
  const unplaced = Math.max(0, ...tasks.map((task) => task.unplaced));
  return [
    `${countOf(tasks.length, 'task')}, ${countOf(venues, 'exchange')}`,
    countOf(
      sum(({ subscriptions }) => subscriptions),
      'subscription',
    ),
    `${sum(({ updatesPerSecond }) => updatesPerSecond).toFixed(1)} updates/s`,
    ...(unplaced > 0 ? [`${countOf(unplaced, 'connection')} WITHOUT A TASK: raise streamTasks`] : []),
  ].join(', ');
}

const countOf = (count: number, what: string): string =>
  `${count.toLocaleString('en-US')} ${what}${count === 1 ? '' : 's'}`;
const grouped = (count: number): string => count.toLocaleString('en-US');
const msText = (ms: number | undefined): string => (ms === undefined ? '-' : ms >= 100 ? ms.toFixed(0) : ms.toFixed(1));

function streamsTable(streams: readonly StreamFigures[]): string {
  const head = [
    ...['exchange', 'kind', 'streams', 'updates/s', 'lag p50', 'p99 ms', 'publish p99', 'gaps', 'resyncs'],
    ...['reconnects', 'refused', 'written', 'conflated'],
  ];
  const rows = streams.map(({ venue, kind, incidents, lagMs, publishMs, ...figures }) => [
    ...[venue, kind, grouped(figures.subscriptions), figures.updatesPerSecond.toFixed(1)],
    ...[msText(lagMs?.p50), msText(lagMs?.p99), msText(publishMs?.p99)],
    grouped(broken.reduce((total, name) => total + (incidents[name] ?? 0), 0)),
    ...[incidents.resynced, incidents.disconnected, incidents.refused].map((count = 0) => grouped(count)),
    ...[grouped(figures.written), grouped(figures.conflated)],
  ]);
  return tableText(head, rows, new Set([...head.keys()].slice(2)));
}

function tasksTable({ tasks, atMs }: StreamsAnswer): string {
  const head = ['task', 'up', 'units', 'open', 'heard', 'memory', 'heap', 'loop p99', 'state'];
  const rows = tasks.map(({ task, startedAtMs, units, memory, eventLoopDelayMs, isDraining, ...told }) => {
    const heardMs = units.flatMap((unit) => unit.heardMs ?? []);
    const oldestMs = heardMs.length === 0 ? undefined : Math.max(0, atMs - Math.min(...heardMs));
    const isSilent = atMs - told.atMs > silentMsMax;
    return [
      ...[task, durationText(Math.max(0, atMs - startedAtMs)), String(units.length)],
      String(units.filter(({ isOpen }) => isOpen).length),
      oldestMs === undefined ? '-' : `${durationText(oldestMs)} ago`,
      ...[bytesText(memory.residentBytes), bytesText(memory.heapBytes), `${msText(eventLoopDelayMs.p99)} ms`],
      isSilent ? `silent for ${durationText(atMs - told.atMs)}` : isDraining ? 'ends' : 'runs',
    ];
  });
  return tableText(head, rows, new Set([1, 2, 3, 4, 5, 6, 7]));
}

/** A task tells of itself every two seconds; one that has missed five of them is gone, or hangs. */
const silentMsMax = 10_000;

function latestTable({ tasks, atMs }: StreamsAnswer): string {
  const latest = tasks
    .flatMap((task) => task.latest)
    .sort((left, right) => right.atMs - left.atMs)
    .slice(0, incidentsMax);
  if (latest.length === 0) return '';
  const rows = latest.map(({ atMs: befellMs, venue, symbol = '', incident, reason }) => [
    ...[`${durationText(Math.max(0, atMs - befellMs))} ago`, venue, symbol, incident, reason],
  ]);
  return tableText(['what befell', 'exchange', 'symbol', '', ''], rows, new Set([0]));
}
