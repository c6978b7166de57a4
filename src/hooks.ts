/**
 * `node --import costspan/hooks app.js`: the loader hooks alone, for set-ups that construct the
 * instrumentations themselves, later than the SDKs are imported.
 */
import './base/check-node.ts';
import { installLoaderHooks } from './instrumentations/loader-hooks.ts';

installLoaderHooks();
