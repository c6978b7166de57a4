import { type JsonObject, known, object, text } from '../../usage/read.ts';
import { countCharacters } from '../characters.ts';
import type { Reading, RequestReading, StreamReader } from '../reading.ts';
import { readUsage } from './usage.ts';

/** `modelId` is in the SDK's parameters; over plain HTTP it is in the path. */
export function readConverseRequest(body: unknown): RequestReading {
  const fields = object(body) ?? {};
  return known({
    model: text(fields['modelId']) ?? text(fields['model']),
    inputCharacters: countCharacters([fields['messages'], fields['system'], fields['toolConfig']]),
  });
}

export function readConverse(body: unknown): Reading {
  const reply = object(body) ?? {};
  const raw = object(reply['usage']);
  const usage = readUsage(raw);
  const stopReason = text(reply['stopReason']);
  const latency = text(object(reply['performanceConfig'])?.['latency']);
  return known({
    usage,
    usageRaw: usage && raw,
    serviceTier: text(object(reply['serviceTier'])?.['type']),
    finishReasons: stopReason === undefined ? undefined : [stopReason],
    parameters: latency === undefined ? undefined : { latency },
    outputCharacters: countCharacters(object(reply['output'])?.['message']),
  });
}

/** The events of `ConverseStream`, as the SDK yields them: one key each; `metadata` comes last, with the usage. */
export function createConverseStreamReader(): StreamReader {
  let metadata: JsonObject = {};
  let stopReason: string | undefined;
  let errorType: string | undefined;
  let outputCharacters = 0;
  return {
    read(event) {
      const fields = object(event) ?? {};
      metadata = object(fields['metadata']) ?? metadata;
      stopReason = text(object(fields['messageStop'])?.['stopReason']) ?? stopReason;
      outputCharacters += countCharacters(object(fields['contentBlockDelta'])?.['delta']);
      errorType ??= Object.keys(fields).find((key) => key.endsWith('Exception'));
    },
    reading: () => known({ ...readConverse({ ...metadata, stopReason }), errorType, outputCharacters }),
  };
}
