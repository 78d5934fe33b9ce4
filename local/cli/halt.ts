/** `npm run halt`: the kill switch of a desk, here or deployed, and the end of everything that is open. */
import { describeSwitch, isAllDone } from '../halt/describe-switch.ts';
import { haltHelp, readHalt, UsageError } from '../halt/halt-options.ts';
import { callSwitch } from '../halt/switch-call.ts';

async function main(): Promise<number> {
  const { call, json } = readHalt(process.argv.slice(2), process.env);
  if (call === undefined) {
    console.log(haltHelp);
    return 0;
  }
  const startedAtMs = performance.now();
  const answer = await callSwitch(call);
  console.log(json ? JSON.stringify(answer) : describeSwitch(answer, performance.now() - startedAtMs));
  return isAllDone(answer) ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  const isUsage = error instanceof UsageError;
  console.error(error instanceof Error ? error.message : error);
  if (isUsage) console.error(`\n${haltHelp}`);
  process.exitCode = isUsage ? 2 : 1;
}
