/** The alerts of docs/signals.md, as a chart would send them. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface DocumentedAlert {
  /** The dialect that the document says it is. */
  dialect: string;
  /** Its place in the document, to tell alerts of one dialect apart. */
  index: number;
  /** As it stands in the document. */
  template: string;
}

const path = fileURLToPath(new URL('../../docs/signals.md', import.meta.url));
const alertPattern = /<!-- alert: ([a-z-]+) -->\n```[a-z]*\n([\s\S]*?)\n```/g;

export const documentedAlerts: readonly DocumentedAlert[] = [...readFileSync(path, 'utf8').matchAll(alertPattern)].map(
  ([, dialect = '', template = ''], index) => ({ dialect, index, template }),
);

/** What a chart would put in place of each placeholder, by its name. */
export type ChartValues = Readonly<Record<string, string>>;

/** A chart of a perpetual whose strategy has just opened a long position. */
export const chartValues = (timenow: string, values: ChartValues = {}): ChartValues => ({
  ticker: 'BTCUSDT.P',
  exchange: 'BYBIT',
  close: '60000',
  interval: '5',
  timenow,
  'strategy.order.action': 'buy',
  'strategy.order.contracts': '0.01',
  'strategy.order.id': 'Long',
  'strategy.market_position': 'long',
  'strategy.market_position_size': '0.01',
  'strategy.prev_market_position': 'flat',
  'strategy.prev_market_position_size': '0',
  ...values,
});

/** The alert as it is posted. @throws Error for a placeholder that the chart does not know */
export function fillIn({ template }: DocumentedAlert, values: ChartValues): string {
  return template.replace(/\{\{([^{}]+)\}\}/g, (_whole, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`no value for the placeholder ${name}`);
    return value;
  });
}
