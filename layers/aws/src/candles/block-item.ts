/** A block as a row of the table: its candles packed, and behind them what is known of those that are missing. */
import {
  type CandleBlock,
  type Gap,
  type GapKind,
  gapKinds,
  packColumns,
  type Span,
  unpackColumns,
} from '@nightdesk/core';
import type { Item, JoinedRow } from './parted-row.ts';
import { squeezeJson, unsqueezeJson } from './squeezed-json.ts';

const blockPrefix = 'block#';

export const blockRow = (period: string): string => `${blockPrefix}${period}`;

/** By column, since the gaps of a thin market are many and alike; times as differences. Absent is `null`. */
interface StoredFacts {
  /** Of each gap: how far from the end of the one before, and how long. */
  after: number[];
  lengthMs: number[];
  kind: number[];
  attempts: number[];
  checkedAtMs: (number | null)[];
  by: (Gap['by'] | null)[];
  incident: ([number, number] | null)[];
  rebuilt: [number, number][];
}

const pairOf = ({ fromMs, toMs }: Span): [number, number] => [fromMs, toMs];
const spanOf = ([fromMs, toMs]: [number, number]): Span => ({ fromMs, toMs });

function factsOf({ gaps, rebuilt }: CandleBlock): StoredFacts {
  return {
    after: gaps.map(({ fromMs }, index) => fromMs - (gaps[index - 1]?.toMs ?? 0)),
    lengthMs: gaps.map(({ fromMs, toMs }) => toMs - fromMs),
    kind: gaps.map(({ kind }) => gapKinds.indexOf(kind)),
    attempts: gaps.map(({ attempts }) => attempts),
    checkedAtMs: gaps.map(({ checkedAtMs }) => checkedAtMs ?? null),
    by: gaps.map(({ by }) => by ?? null),
    incident: gaps.map(({ incident }) => (incident === undefined ? null : pairOf(incident))),
    rebuilt: rebuilt.map(pairOf),
  };
}

function gapsOf(facts: StoredFacts): Gap[] {
  let endMs = 0;
  return facts.after.map((afterMs, index) => {
    const fromMs = endMs + afterMs;
    const toMs = fromMs + (facts.lengthMs[index] ?? 0);
    endMs = toMs;
    const kind = gapKinds[facts.kind[index] ?? -1];
    if (kind === undefined) throw new Error(`there is no kind ${facts.kind[index]} of gaps`);
    return {
      ...{ fromMs, toMs, kind: kind as GapKind, attempts: facts.attempts[index] ?? 0 },
      ...moreOf(facts, index),
    };
  });
}

function moreOf({ checkedAtMs, by, incident }: StoredFacts, index: number): Partial<Gap> {
  const more: Partial<Gap> = {};
  const [at, how, when] = [checkedAtMs[index] ?? null, by[index] ?? null, incident[index] ?? null];
  if (at !== null) more.checkedAtMs = at;
  if (how !== null) more.by = how;
  if (when !== null) more.incident = spanOf(when);
  return more;
}

/** What the row has beside its key. */
export function toBlockRow(block: CandleBlock, version: number): { head: Item; data: Uint8Array } {
  const head: Item = {
    version: { N: String(version) },
    revised: { N: String(block.revised) },
    checkedToMs: { N: String(block.checkedToMs) },
  };
  const packed = packColumns(block.candles);
  if (block.gaps.length === 0 && block.rebuilt.length === 0) return { head, data: packed };
  const facts = squeezeJson(factsOf(block));
  return {
    head: { ...head, factsAt: { N: String(packed.length) } },
    data: new Uint8Array(Buffer.concat([packed, facts])),
  };
}

/** @throws Error naming the row, when it is damaged */
export function toBlock({ head, row }: JoinedRow, data: Uint8Array): CandleBlock {
  try {
    const factsAt = head.factsAt === undefined ? data.length : Number(head.factsAt.N);
    const facts = factsAt < data.length ? (unsqueezeJson(data.subarray(factsAt)) as StoredFacts) : undefined;
    return {
      period: row.slice(blockPrefix.length),
      candles: unpackColumns(data.subarray(0, factsAt)),
      gaps: facts === undefined ? [] : gapsOf(facts),
      rebuilt: facts === undefined ? [] : facts.rebuilt.map(spanOf),
      revised: Number(head.revised?.N),
      checkedToMs: Number(head.checkedToMs?.N),
      version: Number(head.version?.N),
    };
  } catch (error) {
    throw new Error(
      `${row} of ${head.series?.S} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  }
}
