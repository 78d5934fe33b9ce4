import { Fields, listOf } from '../fields.ts';
import { allowance, bindingOf, entriesOf, type KeyQuestion } from './key-question.ts';

/** https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-account-configuration */
export const okx: KeyQuestion = {
  source: 'GET /api/v5/account/config',
  methods: ['privateGetAccountConfig'],
  async read(ask) {
    const answer = new Fields('answer', await ask('privateGetAccountConfig'));
    const [first] = listOf('data', answer.list('data'));
    const key = new Fields('key', first);
    const permissions = entriesOf(key.text('perm'));
    return {
      read: allowance(permissions.includes('read_only')),
      trade: allowance(permissions.includes('trade')),
      withdraw: allowance(permissions.includes('withdraw')),
      boundAddresses: bindingOf(entriesOf(key.optionalText('ip'))),
    };
  },
};
