/** `npm run size`: how much to trade so that a loss at the stop costs no more than was meant. */
import { runSize, sizeHelp, UsageError } from '../size/size-options.ts';

try {
  console.log(runSize(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  if (error instanceof UsageError) console.error(`\n${sizeHelp}`);
  process.exitCode = 2;
}
