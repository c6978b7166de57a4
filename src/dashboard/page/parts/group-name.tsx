import type { VNode } from 'preact';
import type { Group } from '../../api.ts';
import { linkTo } from '../route.ts';

/** A group's name as people read it: a missing value is named, not blank. */
export function groupName(
  { value, name, unattributed }: Pick<Group, 'value' | 'name' | 'unattributed'>,
  by: string,
): string {
  if (value !== null) return name ?? value;
  if (by !== 'customer') return `no ${by.replace(/^context\./, '')}`;
  return unattributed ? 'Unattributed' : 'Nobody (internal)';
}

/** A group's name, leading to its own screen where it has one, else to its events. */
export function GroupName({ group, by }: { readonly group: Group; readonly by: string }): VNode {
  const own = by === 'customer' || by === 'model' ? by : undefined;
  const href =
    own !== undefined && group.value !== null ? linkTo(own, group.value) : `#/events?${group.filter}`;
  return <a href={href}>{groupName(group, by)}</a>;
}
