/** What `costspan doctor` has to say. */
export interface Finding {
  /** Stable, for scripts: `sdk-too-early`. */
  readonly id: string;
  /** `problem`: costs are missing or wrong, and the exit code is 1. `hint`: worth knowing. */
  readonly level: 'problem' | 'hint';
  readonly what: string;
  readonly fix: string;
}

export const problem = (id: string, what: string, fix: string): Finding => ({
  id,
  level: 'problem',
  what,
  fix,
});
export const hint = (id: string, what: string, fix: string): Finding => ({ id, level: 'hint', what, fix });
