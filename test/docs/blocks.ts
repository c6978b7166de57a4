import { globSync, readFileSync } from 'node:fs';

/** One fenced block of README.md or docs/. */
export interface Block {
  /** `docs/delivery.md:87` */
  readonly place: string;
  readonly language: string;
  readonly code: string;
}

export function codeBlocks(language: string): readonly Block[] {
  return ['README.md', ...globSync('docs/*.md').toSorted()].flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    return [...text.matchAll(/^```(\w*)\n(.*?)^```/gms)].flatMap(({ 1: found = '', 2: code = '', index }) => {
      const line = text.slice(0, index).split('\n').length;
      return found === language ? [{ place: `${file}:${line}`, language: found, code }] : [];
    });
  });
}

/** Where a name comes from that a block uses without saying so; what stands here is imported for it. */
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  '@opentelemetry/api': ['propagation', 'context', 'trace', 'diag'],
  '@opentelemetry/core': ['CompositePropagator', 'W3CTraceContextPropagator', 'W3CBaggagePropagator'],
  '@opentelemetry/sdk-node': ['NodeSDK'],
  '@opentelemetry/sdk-trace': ['BatchSpanProcessor'],
  '@opentelemetry/exporter-trace-otlp-http': ['OTLPTraceExporter'],
  'node:http': ['createServer', 'IncomingMessage'],
};

/**
 * A block as a module: a fragment speaks of what earlier ones imported. `exportsOf` says what the package's own ways in
 * offer; names that are nobody's are the reader's.
 */
export function asModule({ code }: Block, exportsOf: Readonly<Record<string, readonly string[]>>): string {
  const bare = code.replaceAll(/\/\/.*$/gm, '').replaceAll(/'[^'\n]*'/g, "''");
  const imported = new Set(
    [...code.matchAll(/import\s+(?:type\s+)?(?:\w+\s*,\s*)?\{([^}]*)\}/g)].flatMap(([, names = '']) =>
      names.split(',').map((name) =>
        name
          .replace(/^\s*(type )?/, '')
          .replace(/.* as /, '')
          .trim(),
      ),
    ),
  );
  const uses = (name: string): boolean => {
    const declared = new RegExp(`(?:const|let|function|class|import)\\s+${name}\\b`).test(bare);
    return (
      !imported.has(name) &&
      !declared &&
      new RegExp(`(?<!\\w|(?<!\\.\\.)\\.)${name}\\b(?!\\s*[:?])`).test(bare)
    );
  };
  const lines = Object.entries({ ...exportsOf, ...SOURCES }).flatMap(([from, names]) => {
    const used = names.filter(uses);
    return used.length === 0 ? [] : [`import { ${used.join(', ')} } from '${from}';`];
  });
  return `${lines.join('\n')}\n${code}\nexport {};\n`;
}
