import { known } from '../../base/read.ts';
import { ImportError, type ImportSource } from './imported-call.ts';
import { contextIn, objectIn, required, textIn, timeOf } from './row-readers.ts';

/** AICostManager: records as they were tracked, from a file or from its `queue.db`; of either generation. */
export const aicostmanager: ImportSource = {
  name: 'aicostmanager',
  title: 'AICostManager',
  envelope: 'tracked',
  matches: (row) => 'service_key' in row || ('service_id' in row && 'usage' in row) || 'cost_unit_id' in row,
  read: (row) => {
    if ('cost_unit_id' in row)
      throw new ImportError(
        'a cost event of AICostManager is a part of a call. Import what was tracked instead',
      );
    const [vendor, model] = (textIn(row.service_key) ?? textIn(row.service_id) ?? '').split('::');
    return {
      key: required(textIn(row.response_id), 'response_id'),
      timestamp: timeOf(row.timestamp),
      provider: required(vendor, 'vendor in service_key').toLowerCase(),
      ...known({
        model: model ?? textIn(objectIn(row.usage)?.model),
        customer: textIn(row.customer_key) ?? textIn(row.client_customer_key),
        context: contextIn(row.context),
        responseId: textIn(row.response_id),
        usageRaw: objectIn(row.payload) ?? objectIn(row.usage),
      }),
    };
  },
  carried: new Set([
    'service_key',
    'service_id',
    'response_id',
    'timestamp',
    'customer_key',
    'client_customer_key',
    'context',
    'payload',
    'usage',
    'config_id',
  ]),
};
