import type { VNode } from 'preact';
import { linkTo, linkWith, linkWithout, type Query, type Route } from '../route.ts';

const FIELDS = [
  { name: 'customer', label: 'Customer' },
  { name: 'provider', label: 'Provider' },
  { name: 'model', label: 'Model' },
  { name: 'context.feature', label: 'Feature' },
  { name: 'start', label: 'From (day or instant)', placeholder: '2026-11-01' },
  { name: 'end', label: 'Until, not included', placeholder: '2026-12-01' },
  { name: 'min_cost', label: 'Costs at least', placeholder: '0.05' },
  { name: 'trace_id', label: 'Trace' },
] as const;
const CHOICES = [
  { name: 'status', label: 'Status', values: ['ok', 'error', 'aborted', 'partial'] },
  { name: 'cost_status', label: 'Cost', values: ['priced', 'free', 'unpriced'] },
] as const;
const IN_THE_FORM: ReadonlySet<string> = new Set([...FIELDS, ...CHOICES].map(({ name }) => name));

/** The filters of the event explorer: a form for the usual ones, and every other one of the address with its way out. */
export function EventFilters({
  route,
  filter,
}: {
  readonly route: Route;
  readonly filter: URLSearchParams;
}): VNode {
  const others = [...filter].filter(([name]) => !IN_THE_FORM.has(name));
  return (
    <>
      <form class="filters" key={filter.toString()} aria-label="Filters" onSubmit={apply(route)}>
        {FIELDS.map((field) => (
          <label key={field.name}>
            {field.label}
            <input
              name={field.name}
              defaultValue={filter.get(field.name) ?? ''}
              placeholder={'placeholder' in field ? field.placeholder : undefined}
              autoComplete="off"
              spellcheck={false}
            />
          </label>
        ))}
        {CHOICES.map(({ name, label, values }) => (
          <label key={name}>
            {label}
            <select name={name} defaultValue={filter.get(name) ?? ''}>
              <option value="">any</option>
              {values.map((value) => (
                <option key={value} value={value}>
                  {value}
                </option>
              ))}
            </select>
          </label>
        ))}
        <div class="actions">
          <button type="submit">Apply</button>
          {filter.size > 0 && (
            <a class="button" href={linkTo('events')}>
              Clear
            </a>
          )}
        </div>
      </form>
      {others.length > 0 && (
        <p class="tags">
          {others.map(([name, value]) => (
            <a
              key={`${name} ${value}`}
              class="tag"
              href={linkWithout(route, name, value)}
              aria-label={`Remove the filter ${name} ${value}`}
            >
              {chipOf(name, value)} ✕
            </a>
          ))}
        </p>
      )}
    </>
  );
}

function chipOf(name: string, value: string): string {
  if (name === 'without') return `without ${value.replace('context.', '')}`;
  return value === 'true' ? name : `${name.replace(/^(?:is|context)\./, '').replaceAll('_', ' ')}: ${value}`;
}

/** Writes the form's values into the address; what the form does not know stays there. */
function apply(route: Route): (event: SubmitEvent) => void {
  return (event) => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const values = [...new FormData(event.currentTarget)].flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value.trim()]] : [],
    );
    const form: Query = Object.fromEntries(values);
    // A month and a time of one's own exclude each other.
    const month = form.start || form.end ? { month: undefined } : {};
    const changes: Query = { ...form, ...month, cursor: undefined };
    location.hash = linkWith(route, changes);
  };
}
