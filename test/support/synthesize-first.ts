/** Before any test: the app of these sources is synthesized, which takes long enough for the first test that needs it to run out of time. */
import { synthesizeApp } from '@nightdesk/local/supervisor/app-assembly.ts';

export async function setup(): Promise<void> {
  await synthesizeApp(console.log);
}
