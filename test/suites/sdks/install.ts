import { installSuite } from '../../support/install-suite.ts';

export const setup = (): void => installSuite(import.meta.dirname);
