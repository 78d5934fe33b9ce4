/** What a measurement hands back: a table for people and the same figures for programs. */
import type { Distribution } from './statistics.ts';

export interface Report {
  title: string;
  columns: readonly string[];
  rows: readonly (readonly string[])[];
  /** Said below the table: what was aimed at, and what is needed to read it. */
  notes: readonly string[];
  figures: Record<string, unknown>;
}

/** The first column is aligned left, every other right. */
export function formatReport({ title, columns, rows, notes }: Report): string {
  const lines = [columns, ...rows];
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  const format = (line: readonly string[]): string =>
    widths
      .map((width, column) => (column === 0 ? (line[0] ?? '').padEnd(width) : (line[column] ?? '').padStart(width)))
      .join('  ');
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  const body = [format(columns), rule, ...rows.map(format)].map((line) => `  ${line}`);
  return [title, ...body, ...notes.map((note) => `  ${note}`)].join('\n');
}

export const distributionColumns = ['p50', 'p90', 'p99', 'max'] as const;

export const distributionCells = (distribution: Distribution): string[] =>
  distributionColumns.map((name) => milliseconds(distribution[name]));

export const milliseconds = (value: number): string => `${value < 100 ? value.toFixed(1) : Math.round(value)} ms`;

export const megabytes = (value: number): string => `${value.toFixed(1)} MB`;

export const times = (ratio: number): string => `${ratio.toFixed(ratio < 10 ? 2 : 0)} x`;

/** How a figure stands to what was aimed at. */
export const verdict = (reached: boolean): string => (reached ? 'reached' : 'MISSED');
