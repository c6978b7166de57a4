import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Meta } from '../../api.ts';

/** What the ledger is: known before any screen is drawn. */
export const MetaContext = createContext<Meta | undefined>(undefined);

export function useMeta(): Meta {
  const meta = useContext(MetaContext);
  if (meta === undefined) throw new Error('A screen was drawn before the ledger was asked what it is.');
  return meta;
}
