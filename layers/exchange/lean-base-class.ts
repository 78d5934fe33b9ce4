/**
 * Has ccxt's base class leave out at construction what is for others: a second name with underscores for everything that it has, and
 * a function for each of the venue's addresses, of which an order uses two or three of a thousand. Together they took two fifths
 * of the time to construct a venue. The functions are made when they are first asked for (`implicit-endpoints.ts`).
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';

const baseClass = /[\\/]js[\\/]src[\\/]base[\\/]Exchange\.js$/;
const leftOut = ['unCamelCaseProperties();', "this.defineRestApi(this.api, 'request');"];
const endpoints = fileURLToPath(new URL('./implicit-endpoints.ts', import.meta.url));

/** @throws Error where ccxt says it differently, so that a new version of it is looked at before it trades */
export function leanSource(source: string): string {
  return leftOut.reduce((text, statement) => {
    if (text.split(statement).length !== 2) {
      throw new Error(`ccxt's base class does not have "${statement}" once any more; see lean-base-class.ts`);
    }
    return text.replace(statement, '');
  }, source);
}

export const leanBaseClass: Plugin = {
  name: 'lean-base-class',
  setup(build) {
    build.onLoad({ filter: baseClass }, ({ path }) => ({
      contents: [
        `import { defineWhenAsked } from ${JSON.stringify(endpoints)};`,
        leanSource(readFileSync(path, 'utf8')),
        'defineWhenAsked(BaseExchange.prototype);',
      ].join('\n'),
      loader: 'js',
    }));
  },
};
