/** Imported first by every way in: an older Node gets one clear sentence instead of the first thing it lacks. */
import { unsupportedNode } from './node-version.ts';

const refusal = unsupportedNode(process.versions.node);
if (refusal !== undefined) throw new Error(refusal);
