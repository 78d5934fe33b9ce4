/** From what a row of the risk table was to what it is: who switched trading, and why. */
import { firstUse } from '../risk/switches.ts';
import type { RiskImage } from './images.ts';
import { type NoticeSeverity, noticeIdOf, type RiskNotice, tidy } from './notice.ts';

const severities: ReadonlyMap<string, NoticeSeverity> = new Map([
  ['active', 'info'],
  ['reducing', 'warning'],
]);

/**
 * A switch that was set, by a person or by a breaker. Reservations, which change the row with every order, do not count up
 * its version and so are not told.
 *
 * @param before absent where the switch was never set
 */
export function noticesOfRisk(before: RiskImage | undefined, after: RiskImage): RiskNotice[] {
  if (before !== undefined && after.version <= before.version) return [];
  const { account, state, by, version } = after;
  // Made with the account's first order, when nobody has switched anything.
  if (before === undefined && by === firstUse.by && after.reason === firstUse.reason) return [];
  return [
    {
      id: noticeIdOf(`risk#${account}`, version, 'risk.switched'),
      kind: 'risk.switched',
      // What is not known here may stop trading as well.
      severity: severities.get(state) ?? 'critical',
      atMs: after.updatedAtMs,
      ...{ account, version, state, by },
      ...(before !== undefined && { before: before.state }),
      reason: tidy(after.reason),
    },
  ];
}
