import { shared } from '../base/process.ts';
import { known } from '../base/read.ts';

/** An SDK as this process has met it. */
export interface SdkSighting {
  /** The npm package: `openai`. */
  readonly package: string;
  /** Absent until it was loaded, and where it does not say. */
  readonly version?: string;
  /** What found it: the loader hooks, `manuallyInstrument`, or the net beneath `fetch`. */
  readonly how: 'hook' | 'manual' | 'net';
  /** False: it was not loaded yet, or it is built in a way we do not know, so its calls are not observed. */
  readonly patched: boolean;
}

/** Notes that an SDK was met. Meeting it again in the same way changes nothing but `patched`. */
export function sight(sighting: SdkSighting): void {
  const { package: name, version = '', how, patched } = sighting;
  const key = `${name}\n${version}\n${how}`;
  const before = met().get(key);
  met().set(key, { ...known(sighting), patched: patched || before?.patched === true });
}

/** Every SDK met; one that is only waited for is shown until it comes. */
export function sightings(): readonly SdkSighting[] {
  const all = [...met().values()];
  return all.filter(
    ({ package: name, version, patched }) =>
      patched || version !== undefined || !all.some((other) => other.package === name && isThere(other)),
  );
}

function isThere({ version, patched }: SdkSighting): boolean {
  return patched || version !== undefined;
}

function met(): Map<string, SdkSighting> {
  return shared('sightings', () => new Map());
}
