import { known, object, text } from '../../base/read.ts';
import type { Reading } from '../reading.ts';
import { modelName } from './generate-content.ts';

/** Cached content is billed by the hours it is kept. When it is made, these are not known yet. */
export function readCachedContent(body: unknown): Reading {
  const cache = object(body);
  return known({
    responseId: text(cache?.name),
    responseModel: modelName(cache?.model),
    usageRaw: object(cache?.usageMetadata),
    usageFault: 'cached content is billed by the hours it is kept: record them when it is deleted or expires',
  });
}
