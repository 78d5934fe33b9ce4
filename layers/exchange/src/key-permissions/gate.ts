import type { Allowance } from '@nightdesk/core';
import { Fields, listOf, UnparsableAnswerError } from '../fields.ts';
import { allowance, bindingOf, type KeyQuestion, lifetime, secondsToMs, textsOf, timeMsOf } from './key-question.ts';

const trading = ['spot', 'margin', 'futures', 'delivery', 'options', 'unified'];
const withdrawing = ['withdraw', 'withdrawal'];

/** https://www.gate.com/docs/developers/apiv4/#query-all-main-account-api-key-information */
export const gate: KeyQuestion = {
  source: 'GET /api/v4/account/main_keys',
  methods: ['privateAccountGetMainKeys'],
  async read(ask, apiKey) {
    const keys = listOf('keys', await ask('privateAccountGetMainKeys')).map((key) => new Fields('key', key));
    const key = keys.find((each) => each.optionalText('key') === apiKey);
    // Keys of sub-accounts are not on the list.
    if (key === undefined) throw new UnparsableAnswerError('list of keys', 'key', 'no entry for this key');
    const permissions = key.list('perms').map((entry) => {
      const permission = new Fields('permission', entry);
      return { name: permission.text('name'), writes: permission.optionalFlag('read_only') === false };
    });
    const writes = (names: readonly string[]) => permissions.some(({ name, writes }) => writes && names.includes(name));
    // What a key may do with the wallet beyond looking at it is not told apart any further.
    const withdraw: Allowance = writes(withdrawing) ? 'allowed' : writes(['wallet']) ? 'unknown' : 'denied';
    const created = key.optionalText('created_at');
    return {
      read: allowance(permissions.length > 0),
      trade: allowance(writes(trading)),
      withdraw,
      boundAddresses: bindingOf(textsOf(key.list('ip_whitelist'))),
      ...lifetime(/^\d+$/.test(created ?? '') ? secondsToMs(created) : timeMsOf(created), undefined),
    };
  },
};
