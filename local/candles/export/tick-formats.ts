/** Formats that trades and payments of funding are exported to, piece by piece. */
import { encodeFunding, startTrades } from '@nightdesk/aws/candles/cold-files.ts';
import type { FundingPoint, PublicTrade, Series, Span, TickSeries } from '@nightdesk/core';
import type { NewFile } from './new-file.ts';

export const tickFormats = ['csv', 'json', 'parquet'] as const;
export type TickFormat = (typeof tickFormats)[number];

export interface TickWriter<Row> {
  /** @param rows behind all that were written before */
  write(rows: readonly Row[]): Promise<void>;
  end(): Promise<void>;
}

type Cell = string | number | undefined;

interface Table<Row> {
  columns: readonly string[];
  cellsOf(row: Row): Cell[];
}

const trades: Table<PublicTrade> = {
  columns: ['atMs', 'tradeId', 'side', 'price', 'amount'],
  cellsOf: ({ atMs, tradeId, side, price, amount }) => [atMs, tradeId, side, price, amount],
};
const funding: Table<FundingPoint> = {
  columns: ['atMs', 'rate', 'markPrice'],
  cellsOf: ({ atMs, rate, markPrice }) => [atMs, rate, markPrice],
};

export interface TickContents {
  series: TickSeries;
  span: Span;
}

export function openTradeWriter(format: TickFormat, file: NewFile, contents: TickContents): TickWriter<PublicTrade> {
  if (format !== 'parquet') return openText(file, { format, table: trades, contents });
  const encoder = startTrades(contents.series);
  return {
    write: (rows) => file.write(encoder.add(rows)),
    end: () => file.write(encoder.end()),
  };
}

export function openFundingWriter(format: TickFormat, file: NewFile, contents: TickContents): TickWriter<FundingPoint> {
  if (format !== 'parquet') return openText(file, { format, table: funding, contents });
  const points: FundingPoint[] = [];
  return {
    // Three a day: those of years are as many as the candles of a day.
    write: async (rows) => void points.push(...rows),
    end: () => file.write(encodeFunding(contents.series, points)),
  };
}

interface Text<Row> {
  format: 'csv' | 'json';
  table: Table<Row>;
  contents: { series: Series; span: Span };
}

/** Prices and amounts stay decimals, as text in JSON: a float would not be the number that the venue told. */
function openText<Row>(file: NewFile, { format, table, contents }: Text<Row>): TickWriter<Row> {
  const { columns, cellsOf } = table;
  const { series, span } = contents;
  const { kind, venue, symbol } = series;
  const head = { kind, venue, symbol, from: span.fromMs, to: span.toMs, columns };
  const isJson = format === 'json';
  let before = isJson ? `${JSON.stringify(head).slice(0, -1)},"${kind}":[` : `${columns.join(',')}\n`;
  return {
    async write(rows) {
      if (rows.length === 0) return;
      const texts = rows.map((row) => (isJson ? JSON.stringify(cellsOf(row)) : cellsOf(row).map(quoted).join(',')));
      await file.write(Buffer.from(`${before}${texts.join(isJson ? ',' : '\n')}${isJson ? '' : '\n'}`));
      before = isJson ? ',' : '';
    },
    async end() {
      await file.write(Buffer.from(`${before === ',' ? '' : before}${isJson ? ']}\n' : ''}`));
    },
  };
}

const quoted = (cell: Cell): string => {
  const text = String(cell ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
