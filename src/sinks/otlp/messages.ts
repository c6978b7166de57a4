import type { Message } from '../../base/protobuf.ts';

// https://github.com/open-telemetry/opentelemetry-proto, opentelemetry/proto/{common,resource,logs}/v1

const ANY_VALUE: Message = {
  stringValue: [1, 'string'],
  boolValue: [2, 'bool'],
  intValue: [3, 'int64'],
  doubleValue: [4, 'double'],
  arrayValue: [5, { values: [1, () => ANY_VALUE, true] }],
  kvlistValue: [6, () => ({ values: [1, KEY_VALUE, true] })],
  bytesValue: [7, 'hex'],
};

export const KEY_VALUE: Message = { key: [1, 'string'], value: [2, ANY_VALUE] };
export const RESOURCE: Message = { attributes: [1, KEY_VALUE, true] };
export const SCOPE: Message = {
  name: [1, 'string'],
  version: [2, 'string'],
  attributes: [3, KEY_VALUE, true],
};

const LOG_RECORD: Message = {
  timeUnixNano: [1, 'fixed64'],
  severityNumber: [2, 'int32'],
  severityText: [3, 'string'],
  body: [5, ANY_VALUE],
  attributes: [6, KEY_VALUE, true],
  traceId: [9, 'hex'],
  spanId: [10, 'hex'],
  observedTimeUnixNano: [11, 'fixed64'],
  eventName: [12, 'string'],
};

/** `ExportLogsServiceRequest`. */
export const LOGS_REQUEST: Message = {
  resourceLogs: [
    1,
    {
      resource: [1, RESOURCE],
      scopeLogs: [2, { scope: [1, SCOPE], logRecords: [2, LOG_RECORD, true] }, true],
    },
    true,
  ],
};

/** `ExportLogsServiceResponse`. */
export const LOGS_RESPONSE: Message = {
  partialSuccess: [1, { rejectedLogRecords: [1, 'int64'], errorMessage: [2, 'string'] }],
};

/** `google.rpc.Status`, the body of a refusal. */
export const STATUS: Message = { code: [1, 'int32'], message: [2, 'string'] };
