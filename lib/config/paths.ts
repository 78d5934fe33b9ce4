import { fileURLToPath } from 'node:url';

const fromRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Where things are in the repository, whatever the working directory is. */
export const paths = {
  root: fromRoot('.'),
  cdkJson: fromRoot('cdk.json'),
  config: fromRoot('config'),
  functions: fromRoot('functions'),
  services: fromRoot('services'),
  /** What is built once and kept between runs; ignored by git. */
  build: fromRoot('.build'),
} as const;
