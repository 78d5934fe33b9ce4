import { systemClock } from '@nightdesk/aws';
import { createManualClock, realClock } from '../../support/clocks.ts';
import { clockContract } from './clock-contract.ts';

clockContract("the machine's clock", () => systemClock);
clockContract("tests' real clock", () => realClock);
clockContract('a clock that sleeping moves', () => createManualClock());
