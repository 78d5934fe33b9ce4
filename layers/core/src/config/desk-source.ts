/** The source that stands for the desk itself: what people order through its own API, with a token of theirs. */
import type { SourceId } from '../ids.ts';
import type { DeskConfig, SourceConfig } from './desk-config.ts';

/** No source in sources.yaml may have this name. */
export const deskSourceId = 'desk' as SourceId;

/** It may use every account and symbol, and has every setting as it is where sources.yaml says nothing. */
export const deskSource = ({ accounts }: Pick<DeskConfig, 'accounts'>): SourceConfig & { id: SourceId } => ({
  id: deskSourceId,
  authentication: ['token'],
  accounts: Object.keys(accounts),
  maxLagSeconds: 60,
  duplicateWindowSeconds: 60,
  dialect: 'native',
  minConfidence: 0,
  failover: false,
  onUnknown: 'give_up',
  onProtectionFailure: 'keep',
});
