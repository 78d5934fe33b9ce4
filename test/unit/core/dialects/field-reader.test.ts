/** Keys that no dialect asked for, wherever in a body they are. */
import { FieldReader } from '@nightdesk/core/signals/dialects/field-reader.ts';
import { expect, it } from 'vitest';

it('refuses an unknown key of a group that was read, and none that asks for nothing', () => {
  const read = (order: Record<string, string>) => {
    const reader = new FieldReader({ order });
    reader.group('order')?.text('amount');
    reader.refuseUnknown();
  };
  expect(() => read({ amount: '1', delay: '0' })).not.toThrow();
  expect(() => read({ amount: '1', delay: '5' })).toThrow(
    expect.objectContaining({ issues: [expect.objectContaining({ path: 'order.delay' })] }),
  );
});
