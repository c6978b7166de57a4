import type { VNode } from 'preact';
import { useRef } from 'preact/hooks';
import { chooseZone, chosenZone, zoneNamed } from '../data/zone.ts';

/** The time zone that days and months begin in, and another one to choose: it stands in the address. */
export function ZoneChoice({ zone }: { readonly zone: string }): VNode {
  const field = useRef<HTMLInputElement>(null);
  const here = zoneNamed(Intl.DateTimeFormat().resolvedOptions().timeZone);
  return (
    <details class="zone" onToggle={({ currentTarget: { open } }) => open && field.current?.select()}>
      <summary>
        <span class="hidden">Time zone: </span>
        {zone}
      </summary>
      <form
        aria-label="Time zone"
        onSubmit={(event) => {
          event.preventDefault();
          const named = zoneNamed(field.current?.value ?? '');
          if (named !== undefined) chooseZone(named);
          else refuse(field.current);
        }}
      >
        <label>
          Days and months begin in
          <input
            ref={field}
            name="tz"
            list="zones"
            defaultValue={zone}
            autoComplete="off"
            spellcheck={false}
            required
            onKeyDown={closeOnEscape}
            onInput={(event) => event.currentTarget.setCustomValidity('')}
          />
        </label>
        <datalist id="zones">
          {ZONES.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </datalist>
        <div class="actions">
          <button type="submit">Apply</button>
          {here !== undefined && here !== zone && (
            <button type="button" onClick={() => chooseZone(here)}>
              {here}, as here
            </button>
          )}
          {chosenZone() !== undefined && (
            <button type="button" onClick={() => chooseZone(undefined)}>
              The dashboard’s own
            </button>
          )}
        </div>
      </form>
    </details>
  );
}

const ZONES: readonly string[] = ['UTC', ...Intl.supportedValuesOf('timeZone')];

/** The browser says it beside the field, and to a screen reader. */
function refuse(field: HTMLInputElement | null): void {
  field?.setCustomValidity('No such time zone. Examples: Europe/Berlin, America/New_York, UTC.');
  field?.reportValidity();
}

function closeOnEscape({ key, currentTarget }: KeyboardEvent): void {
  const details = currentTarget instanceof Element ? currentTarget.closest('details') : null;
  if (key !== 'Escape' || details === null) return;
  details.open = false;
  details.querySelector('summary')?.focus();
}
