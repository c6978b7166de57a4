/**
 * Writes docs/api.md, every public name with its docstring and signature, from the sources:
 * `node scripts/api-reference.ts`. A test checks that it is current.
 *
 * Read with oxc's parser: TypeScript 7 offers no API to a documentation generator, and `isolatedDeclarations` has every
 * signature stand in its own file.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Comment, parseSync, type Program, type Statement } from 'oxc-parser';
import { entries } from './package-entries.ts';

const FILE = 'docs/api.md';

/** The page as it should be. */
export function apiReference(): string {
  const ways = Object.entries(entries()).toSorted(
    ([a], [b]) => Number(b === 'index') - Number(a === 'index'),
  );
  const chapters = ways.flatMap(([entry, file]) => {
    const names = exportsOf(file);
    if (names.length === 0) return [];
    const title = entry === 'index' ? 'costspan' : `costspan/${entry}`;
    return [`## \`${title}\`\n\n${names.map(({ name, of }) => section(name, of)).join('\n')}`];
  });
  const head =
    '# API reference\n\nEvery public name, written by `node scripts/api-reference.ts` from the docstrings in `src`. ' +
    'The README says which to use for what.\n';
  return `${head}\n${chapters.join('\n')}`;
}

interface Source {
  readonly path: string;
  readonly text: string;
  readonly program: Program;
  readonly comments: readonly Comment[];
}

interface Exported {
  readonly name: string;
  readonly of: Source;
}

const sources = new Map<string, Source>();

function sourceOf(path: string): Source {
  let source = sources.get(path);
  if (source === undefined) {
    const text = readFileSync(path, 'utf8');
    const { program, comments } = parseSync(path, text);
    source = { path, text, program, comments };
    sources.set(path, source);
  }
  return source;
}

/** What a way in exports, and the file that declares each. */
function exportsOf(entry: string): readonly Exported[] {
  return sourceOf(entry).program.body.flatMap((statement) =>
    statement.type === 'ExportNamedDeclaration' && statement.source !== null
      ? statement.specifiers.map(({ local }) => {
          const name = nameOf(local);
          return { name, of: declaring(name, sourceOf(join(dirname(entry), statement.source?.value ?? ''))) };
        })
      : [],
  );
}

/** Follows a name through files that only hand it on: `export … from`, or imported there and exported. */
function declaring(name: string, source: Source): Source {
  for (const statement of source.program.body) {
    const names =
      statement.type === 'ImportDeclaration'
        ? statement.specifiers.map(({ local }) => local.name)
        : statement.type === 'ExportNamedDeclaration'
          ? statement.specifiers.map(({ exported }) => nameOf(exported))
          : [];
    const from = 'source' in statement ? statement.source?.value : undefined;
    if (from?.startsWith('.') === true && names.includes(name)) {
      return declaring(name, sourceOf(join(dirname(source.path), from)));
    }
  }
  return source;
}

function nameOf(node: { type: string; name?: string; value?: unknown }): string {
  return node.name ?? String(node.value);
}

function section(name: string, source: Source): string {
  const declarations = source.program.body.filter((statement) => declares(statement, name));
  const [first] = declarations;
  if (first === undefined) throw new Error(`${source.path} declares no ${name}`);
  const parts = [`### ${name}`];
  const doc = docBefore(source, first.start);
  if (doc !== undefined) parts.push(...paragraphs(doc));
  const overloads = declarations.filter((statement) => !hasBody(statement));
  const shown = overloads.length > 0 ? overloads : declarations;
  parts.push(fenced('typescript', shown.map((statement) => signature(statement, source)).join('\n')));
  return `${parts.join('\n\n')}\n`;
}

function declares(statement: Statement, name: string): boolean {
  if (statement.type !== 'ExportNamedDeclaration' || statement.declaration === null) return false;
  const { declaration } = statement;
  if (declaration.type === 'VariableDeclaration') {
    return declaration.declarations.some(({ id }) => id.type === 'Identifier' && id.name === name);
  }
  return 'id' in declaration && declaration.id?.type === 'Identifier' && declaration.id.name === name;
}

function hasBody(statement: Statement): boolean {
  const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : null;
  return declaration?.type === 'FunctionDeclaration';
}

/** The declaration without what it does: a function up to its body, a class with its public members, a type whole. */
function signature(statement: Statement, source: Source): string {
  const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : null;
  const text = (start: number, end: number): string => source.text.slice(start, end).trim();
  switch (declaration?.type) {
    case 'FunctionDeclaration':
      return `${text(declaration.start, declaration.body?.start ?? declaration.end)};`;
    case 'VariableDeclaration': {
      const [variable] = declaration.declarations;
      // A value without a type says its type itself: a number, a text.
      const end = variable?.id.type === 'Identifier' ? variable.id.typeAnnotation?.end : undefined;
      return `${text(declaration.start, end ?? declaration.end).replace(/;$/, '')};`;
    }
    case 'ClassDeclaration': {
      const members = declaration.body.body.flatMap((member) => {
        const key = 'key' in member ? member.key : undefined;
        const hidden =
          key === undefined ||
          key.type === 'PrivateIdentifier' ||
          ('accessibility' in member && (member.accessibility ?? 'public') !== 'public') ||
          ('override' in member && member.override);
        if (hidden) return [];
        const body =
          'value' in member && member.value !== null && 'body' in member.value ? member.value.body : null;
        const annotation = 'typeAnnotation' in member ? member.typeAnnotation?.end : undefined;
        const doc = docBefore(source, member.start);
        const lines = [`${text(member.start, annotation ?? body?.start ?? member.end).replace(/;$/, '')};`];
        if (doc !== undefined) lines.unshift(`/**${doc}*/`);
        return [lines.map((line) => `  ${line}`).join('\n')];
      });
      return `${text(declaration.start, declaration.body.start)} {\n${members.join('\n')}\n}`;
    }
    default:
      return declaration === null ? '' : text(declaration.start, declaration.end);
  }
}

/** The inside of the docstring that ends right before `start`. */
function docBefore(source: Source, start: number): string | undefined {
  const comment = source.comments.findLast(({ end }) => end <= start);
  if (comment?.type !== 'Block' || !comment.value.startsWith('*')) return undefined;
  return source.text.slice(comment.end, start).trim() === '' ? comment.value.slice(1) : undefined;
}

/** A docstring as Markdown: its text, what it throws, its example as a block of code. */
function paragraphs(doc: string): readonly string[] {
  const lines = doc.split('\n').map((line) => line.replace(/^\s*\* ?/, ''));
  const [text = '', ...tags] = lines.join('\n').split(/^@/m);
  return [
    text.trim(),
    ...tags.map((tag) => {
      const [, name = '', rest = ''] = /^(\w+)\s*([\s\S]*)$/.exec(tag) ?? [];
      if (name === 'example') return fenced('ts', rest.trim());
      if (name === 'throws') return `Throws ${rest.trim().replace(/^\{(\w+)\}\s*/, '`$1` ')}`;
      return `*${name}*: ${rest.trim()}`;
    }),
  ].filter((part) => part !== '');
}

function fenced(language: string, code: string): string {
  return `\`\`\`${language}\n${code}\n\`\`\``;
}

if (import.meta.main) writeFileSync(FILE, apiReference());
