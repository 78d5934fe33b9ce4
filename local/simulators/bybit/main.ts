/** The simulated Bybit as a process of its own. */
import { z } from 'zod';
import { createSettableClock } from '../settable-clock.ts';
import { configSchemaOf, runSimulatorProcess } from '../shared/simulator-process.ts';
import { permissions } from './accounts.ts';
import { createBybitSimulator } from './simulator.ts';

const schema = configSchemaOf({
  permission: z.enum(permissions),
  limits: z
    .strictObject({
      requestsPer5Seconds: z.number().int().positive(),
      banMs: z.number().int().positive(),
      userRateFactor: z.number().positive(),
    })
    .partial(),
});

await runSimulatorProcess({
  schema,
  async start(config, given) {
    const { url, wsUrl, port, close } = await createBybitSimulator({
      ...config,
      ...given,
      clock: createSettableClock(),
    });
    return { addresses: { url, wsUrl, port }, close };
  },
});
