import { openCloudStores } from './desk-cloud.ts';
import { journalReaderContract } from './journal-reader-contract.ts';
import { openMemoryStores } from './memory-desk.ts';

journalReaderContract('the tables in memory', openMemoryStores);
journalReaderContract('DynamoDB', openCloudStores);
