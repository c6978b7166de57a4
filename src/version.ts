/** The version of this package, as it names itself in telemetry; a test holds it equal to package.json's. */
export const PACKAGE_VERSION = '1.0.0';
