/** What a draft says of its own accord, whichever dialect makes it. */
import { NativeDraft } from '@nightdesk/core/signals/dialects/native-draft.ts';
import { expect, it } from 'vitest';

it.each(['long', 'short'] as const)(
  'a %s position without a size is refused as the sender calls the size',
  (target) => {
    const draft = new NativeDraft();
    draft.target(target, 'side');
    expect(() => draft.finishWith([])).toThrow(
      expect.objectContaining({ issues: [expect.objectContaining({ path: 'size' })] }),
    );
    draft.name({ size: 'amount' });
    expect(() => draft.finishWith([])).toThrow(
      expect.objectContaining({ issues: [expect.objectContaining({ path: 'amount' })] }),
    );
  },
);
