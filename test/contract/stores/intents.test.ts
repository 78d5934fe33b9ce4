import { openCloudStores } from './desk-cloud.ts';
import { intentsContract } from './intents-contract.ts';
import { openMemoryStores } from './memory-desk.ts';

intentsContract('the tables in memory', openMemoryStores);
intentsContract('DynamoDB', openCloudStores);
