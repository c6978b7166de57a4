/**
 * `node --import costspan/hooks app.js`: the loader hooks alone, for set-ups that construct the
 * instrumentations themselves, later than the SDKs are imported.
 */
import { installLoaderHooks } from './providers/loader-hooks.ts';

installLoaderHooks();
