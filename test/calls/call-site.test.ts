import { diag, DiagLogLevel } from '@opentelemetry/api';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { captureCallSite, warnUnattributed } from '../../src/calls/call-site.ts';
import { forgetWarnings } from '../../src/base/warn-once.ts';

const patched = (): (() => string | undefined) => captureCallSite(patched);

/** As a patched SDK method: only library frames are between it and the application. */
function patchedRefinement(tell: (site: string | undefined) => void): () => boolean {
  return function refinement() {
    tell(captureCallSite(refinement)());
    return true;
  };
}

function handler(): string | undefined {
  return patched()();
}

describe('the call site of an unattributed call', () => {
  afterEach(() => {
    diag.disable();
    forgetWarnings();
  });

  it('names the function, the file below the working directory and the line', () => {
    expect(handler()).toMatch(/^handler \(test\/calls\/call-site\.test\.ts:\d+\)$/);
  });

  it('looks past the frames of libraries', () => {
    let site: string | undefined;
    // zod's own frames lie between `parse` and the refinement.
    const inLibrary = z.string().refine(patchedRefinement((found) => (site = found)));
    inLibrary.parse('x');
    expect(site).toMatch(/^<anonymous> \(test\/calls\/call-site\.test\.ts:\d+\)$/);
  });

  it('leaves the stack limit as it was, and survives a frozen or foreign one', () => {
    const limit = Error.stackTraceLimit;
    patched();
    expect(Error.stackTraceLimit).toBe(limit);
    Error.prepareStackTrace = () => 7;
    try {
      expect(patched()()).toBeUndefined();
    } finally {
      delete (Error as { prepareStackTrace?: unknown }).prepareStackTrace;
    }
  });

  it('is warned of once', () => {
    const warn = vi.fn<(message: string) => void>();
    diag.setLogger(
      { warn, error: warn, info: warn, debug: warn, verbose: warn },
      { logLevel: DiagLogLevel.WARN },
    );
    for (const site of ['a (x.ts:1)', 'b (x.ts:2)', 'a (x.ts:1)', undefined, undefined])
      warnUnattributed(site);
    expect(warn.mock.calls.map(([message]) => message)).toEqual([
      expect.stringContaining('a (x.ts:1)'),
      expect.stringContaining('b (x.ts:2)'),
      expect.stringContaining('an unknown place'),
    ]);
  });
});
