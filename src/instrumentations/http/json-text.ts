/**
 * Changes to JSON that is already text: one member goes, comes or changes, and every other character stays as it
 * was written. What is not a JSON object, or has no such member, comes back as it is.
 */

/** A member of the outermost object: where its key begins, and where its value begins and ends. */
interface Member {
  readonly start: number;
  readonly valueStart: number;
  readonly end: number;
}

/** Without a member of the outermost object, and without the comma that belonged to it. */
export function withoutMember(json: string, key: string): string {
  const member = findMember(json, key);
  if (member === undefined) return json;
  const before = json.slice(0, member.start).trimEnd();
  const after = json.slice(member.end).trimStart();
  if (before.endsWith(',')) return json.slice(0, before.length - 1) + json.slice(member.end);
  if (!after.startsWith(',')) return json.slice(0, member.start) + json.slice(member.end);
  const rest = after.slice(1);
  return json.slice(0, member.start) + rest.trimStart();
}

/** With a member of the outermost object; one that is there gets the new value, a new one comes last. */
export function withMember(json: string, key: string, value: string): string {
  const member = findMember(json, key);
  if (member === undefined) return withNewMember(json, key, value);
  return json.slice(0, member.valueStart) + value + json.slice(member.end);
}

/** With one more member, which must not be there: nothing of the text is searched. */
export function withNewMember(json: string, key: string, value: string): string {
  const end = json.lastIndexOf('}');
  const start = skipSpace(json, 0);
  if (end < 0 || json[start] !== '{') return json;
  let last = end;
  while (last > start + 1 && isSpace(json[last - 1])) last--;
  const comma = last === start + 1 ? '' : ',';
  return `${json.slice(0, last)}${comma}${JSON.stringify(key)}:${value}${json.slice(last)}`;
}

/** The text of a member's value; undefined when there is no such member. */
export function memberText(json: string, key: string): string | undefined {
  const member = findMember(json, key);
  return member && json.slice(member.valueStart, member.end);
}

/** The last member of that name counts, as for `JSON.parse`. */
function findMember(json: string, key: string): Member | undefined {
  let at = skipSpace(json, 0);
  if (json[at] !== '{') return undefined;
  let found: Member | undefined;
  at = skipSpace(json, at + 1);
  while (json[at] === '"') {
    const start = at;
    const keyEnd = skipString(json, at);
    const colon = skipSpace(json, keyEnd);
    if (json[colon] !== ':') return undefined;
    const valueStart = skipSpace(json, colon + 1);
    const end = skipValue(json, valueStart);
    if (end === undefined) return undefined;
    if (isKey(json, start, keyEnd, key)) found = { start, valueStart, end };
    at = skipSpace(json, end);
    if (json[at] !== ',') break;
    at = skipSpace(json, at + 1);
  }
  return json[at] === '}' ? found : undefined;
}

function isKey(json: string, start: number, end: number, key: string): boolean {
  return end - start === key.length + 2 && json.startsWith(key, start + 1);
}

function skipSpace(json: string, from: number): number {
  let at = from;
  while (isSpace(json[at])) at++;
  return at;
}

function isSpace(character: string | undefined): boolean {
  return character === ' ' || character === '\n' || character === '\r' || character === '\t';
}

/** Past the closing quote; a quote after an odd number of backslashes closes nothing. */
function skipString(json: string, start: number): number {
  let quote = json.indexOf('"', start + 1);
  while (quote >= 0) {
    let slashes = 0;
    while (json[quote - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return quote + 1;
    quote = json.indexOf('"', quote + 1);
  }
  return json.length;
}

/** Past a value; undefined when the text ends within it. */
function skipValue(json: string, start: number): number | undefined {
  let depth = 0;
  for (let at = start; at < json.length; at++) {
    const character = json[at];
    if (character === '"') {
      at = skipString(json, at) - 1;
      if (depth === 0) return at + 1;
    } else if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') {
      // The end of the object that a number, `true` or `null` stands last in.
      if (depth === 0) return trimmedEnd(json, start, at);
      depth--;
      if (depth === 0) return at + 1;
    } else if (character === ',' && depth === 0) return trimmedEnd(json, start, at);
  }
  return undefined;
}

function trimmedEnd(json: string, start: number, end: number): number {
  return start + json.slice(start, end).trimEnd().length;
}
