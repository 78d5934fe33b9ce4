/** Before any test: the app of these sources is synthesized, which takes long enough for the first test that needs it to run out of time. */
import { synthesizeApp } from '@nightdesk/local/supervisor/app-assembly.ts';

export async function setup(): Promise<void> {
  // Tests that need it fail by the same error; all others have nothing to do with it.
  await synthesizeApp(console.log).catch((error: unknown) => console.error(error));
}
