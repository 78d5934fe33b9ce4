/** BitMEX, written from its published API. https://www.bitmex.com/api/explorer/ */
import { Exchange } from 'ccxt';

export default class bitmex extends Exchange {
  override describe(): unknown {
    return this.deepExtend(super.describe(), {
      id: 'bitmex',
      name: 'BitMEX',
      urls: {
        api: { public: 'https://www.bitmex.com', private: 'https://www.bitmex.com' },
        test: { public: 'https://testnet.bitmex.com', private: 'https://testnet.bitmex.com' },
      },
    });
  }
}
