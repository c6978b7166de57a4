import type { VNode } from 'preact';
import { csvOf } from '../data/address.ts';

/** The table of an address of the API as a file. */
export function CsvLink({ of, name }: { readonly of: string; readonly name: string }): VNode {
  return (
    <a class="csv" href={csvOf(of)} download={`${name}.csv`} aria-label={`Download ${name} as CSV`}>
      CSV
    </a>
  );
}
