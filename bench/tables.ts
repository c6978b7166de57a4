import { type Figures, median, short, spread, table } from './figures.ts';
import type { Variant } from './variants.ts';

type Seen = ReadonlyMap<string, readonly Figures[]>;

/** The peer whose span everything is compared with. */
const PEER = 'OpenTelemetry';

/** One table for the first workload, in detail; then what all workloads pay, one figure each. */
export function callTables(variants: readonly Variant[], seen: Seen, suffix = ''): string {
  const observed = variants.filter(({ observe }) => observe !== undefined);
  const bare = new Map(
    variants.flatMap((each) => (each.observe === undefined ? [[each.peer, each.name]] : [])),
  );
  const values = (name: string, figure: string): number[] =>
    (seen.get(name) ?? []).flatMap((figures) => figures[figure] ?? []);
  /** Round by round over the bare SDK, so that a slow minute falls on both. */
  const added = ({ name, peer }: Variant, figure: string): number[] => {
    const without = values(bare.get(peer) ?? '', figure);
    return values(name, figure).map((value, round) => value - (without[round] ?? Number.NaN));
  };
  const peer = observed.find(({ name }) => name === PEER);
  const ratio = (variant: Variant, figure: string): string =>
    peer === undefined ? '–' : short(median(added(variant, figure)) / median(added(peer, figure)));
  const figureNames = [
    ...new Set([...seen.values()].flatMap((all) => all.flatMap((each) => Object.keys(each)))),
  ];
  const chat = `chat${suffix}`;
  const inDetail = ['CPU µs', 'wall µs', 'kB allocated'].filter((unit) =>
    figureNames.includes(`${chat}: ${unit}`),
  );
  const detail = table(
    ['chat, added to the bare call', `× ${PEER}`, ...inDetail, 'bare CPU µs'],
    observed.map((variant) => [
      variant.name,
      ratio(variant, `${chat}: CPU µs`),
      ...inDetail.map((unit) => spread(added(variant, `${chat}: ${unit}`))),
      short(median(values(bare.get(variant.peer) ?? '', `${chat}: CPU µs`))),
    ]),
  );
  const others = figureNames.filter(
    (figure) => /: (CPU|first chunk) µs$/.test(figure) && !figure.startsWith(`${chat}:`),
  );
  if (others.length === 0) return detail;
  const rows = others.map((figure) => [figure, ...observed.map((variant) => spread(added(variant, figure)))]);
  const slope = perChunk(seen);
  const chunks = [
    'ns per chunk, one read each',
    ...observed.map(({ name, peer: of }) => {
      const without = slope(bare.get(of) ?? '');
      return spread(slope(name).map((value, round) => value - (without[round] ?? Number.NaN)));
    }),
  ];
  return [detail, table(['added', ...observed.map(({ name }) => name)], [...rows, chunks])].join('\n\n');
}

/** What one more chunk costs: the difference between long and short streams. */
function perChunk(seen: Seen): (name: string) => number[] {
  const [short_, long] = ['stream of 100 chunks: CPU µs', 'stream of 1,000 chunks: CPU µs'];
  return (name) =>
    (seen.get(name) ?? []).flatMap((figures) => {
      const [few, many] = [figures[short_], figures[long]];
      return few === undefined || many === undefined ? [] : [((many - few) * 1000) / 900];
    });
}

/** Figures by row, programs by column. */
export function plainTable(seen: Seen): string {
  const names = [...seen.keys()];
  const figures = [...new Set([...seen.values()].flatMap((all) => all.flatMap((each) => Object.keys(each))))];
  return table(
    ['', ...names],
    figures.map((figure) => [
      figure,
      ...names.map((name) => spread((seen.get(name) ?? []).flatMap((each) => each[figure] ?? []))),
    ]),
  );
}

export function sizeTable(sizes: Readonly<Record<string, Figures>>): string {
  return table(
    ['installed beside the SDK and OpenTelemetry’s API', 'packages', 'MB'],
    Object.entries(sizes).map(([name, size]) => [name, short(size.packages ?? 0), short(size.MB ?? 0)]),
  );
}
