import { Fields, listOf, UnparsableAnswerError } from '../fields.ts';
import { allowance, bindingOf, type KeyQuestion, lifetime, textsOf, timeMsOf } from './key-question.ts';

/** https://support.bitmex.com/hc/en-gb/articles/6205606449309 (field definitions of `/apiKey`) */
export const bitmex: KeyQuestion = {
  source: 'GET /api/v1/apiKey',
  methods: ['privateGetApiKey'],
  async read(ask, apiKey) {
    const keys = listOf('keys', await ask('privateGetApiKey')).map((key) => new Fields('key', key));
    const key = keys.find((each) => each.optionalText('id') === apiKey);
    if (key === undefined) throw new UnparsableAnswerError('list of keys', 'id', 'no entry for this key');
    const permissions = textsOf(key.list('permissions'));
    const networks = [...textsOf(key.list('cidrs')), ...textsOf([key.optionalText('cidr')])];
    return {
      // Every key of BitMEX may read.
      read: 'allowed',
      trade: allowance(permissions.includes('order')),
      withdraw: allowance(permissions.includes('withdraw')),
      boundAddresses: bindingOf([...new Set(networks)]),
      ...lifetime(timeMsOf(key.optionalText('created')), undefined),
    };
  },
};
