/** `UpdateTimeToLive` and `DescribeTimeToLive`. */
import type { Operation } from './engine.ts';
import { tableNotFound } from './errors.ts';
import { tableNameField } from './rules.ts';
import { updateTimeToLive } from './time-to-live.ts';

function missingTable(tableName: string): Error {
  return tableNotFound(`Requested resource not found: Table: ${tableName} not found`);
}

export const updateTimeToLiveOperation: Operation = {
  types: {
    TableName: tableNameField,
    TimeToLiveSpecification: {
      type: 'FieldStruct<TimeToLiveSpecification>',
      notNull: true,
      children: {
        Enabled: { type: 'Boolean', notNull: true },
        AttributeName: {
          type: 'String',
          notNull: true,
          lengthGreaterThanOrEqual: 1,
          lengthLessThanOrEqual: 255,
        },
      },
    },
  },
  async run({ context, writes }, data) {
    const tableName = String(data.TableName);
    const setting = data.TimeToLiveSpecification as { Enabled: boolean; AttributeName: string };
    await writes.writeAlone(async (changes) => {
      if (context.catalog.table(tableName) === undefined) throw missingTable(tableName);
      const request = { tableName, attribute: setting.AttributeName, isEnabled: setting.Enabled };
      await updateTimeToLive(context, changes, request);
    });
    return { TimeToLiveSpecification: setting };
  },
};

export const describeTimeToLiveOperation: Operation = {
  types: { TableName: tableNameField },
  async run({ context }, data) {
    const tableName = String(data.TableName);
    if (context.catalog.table(tableName) === undefined) throw missingTable(tableName);
    const attribute = context.catalog.expiryAttribute(tableName);
    return {
      TimeToLiveDescription:
        attribute === undefined
          ? { TimeToLiveStatus: 'DISABLED' }
          : { TimeToLiveStatus: 'ENABLED', AttributeName: attribute },
    };
  },
};
