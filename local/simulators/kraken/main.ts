/** The simulated Kraken as a process of its own. */
import { z } from 'zod';
import { createSettableClock } from '../settable-clock.ts';
import { configSchemaOf, runSimulatorProcess } from '../shared/simulator-process.ts';
import { permissions } from './accounts.ts';
import { createKrakenSimulator } from './simulator.ts';

const count = z.number().int().positive();
const perSecond = z.number().positive();

const schema = configSchemaOf({
  permission: z.enum(permissions),
  limits: z
    .strictObject({
      callCounterMax: count,
      callDecayPerSecond: perSecond,
      orderCounterMax: count,
      orderDecayPerSecond: perSecond,
      openOrdersMax: count,
      publicCounterMax: count,
      publicDecayPerSecond: perSecond,
      violationsBeforeBan: count,
      banMs: count,
    })
    .partial(),
});

await runSimulatorProcess({
  schema,
  async start(config, given) {
    const { url, wsUrl, port, close } = await createKrakenSimulator({
      ...config,
      ...given,
      clock: createSettableClock(),
    });
    return { addresses: { url, wsUrl, port }, close };
  },
});
