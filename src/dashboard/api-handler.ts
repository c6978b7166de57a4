import { diag } from '../base/diag.ts';
import { ConfigError, CostspanError } from '../base/errors.ts';
import { didYouMean } from '../base/spelling.ts';
import { readQuestion, type Source } from './question.ts';
import { refuse, respond, respondJson } from './http/responses.ts';
import { ROUTES } from './routes.ts';

/** Answers `api/<name>`, or `api/<name>.csv` for those that are tables. */
export async function answerApi(source: Source, path: string, request: Request): Promise<Response> {
  const isCsv = path.endsWith('.csv');
  const name = isCsv ? path.slice(0, -'.csv'.length) : path;
  const route = Object.hasOwn(ROUTES, name) ? ROUTES[name] : undefined;
  if (route === undefined || (isCsv && route.csv === undefined)) {
    const near = didYouMean(name, Object.keys(ROUTES));
    const what =
      route === undefined
        ? `There is nothing at api/${path}.${near}`
        : `api/${name} is no table: it has no CSV.`;
    return refuse(404, 'NOT_FOUND', what);
  }
  try {
    const question = readQuestion(
      source,
      new URL(request.url).searchParams,
      route.takes ?? [],
      request.signal,
    );
    if (!isCsv || route.csv === undefined) return respondJson(200, await route.json(question));
    const csv = await route.csv(question);
    return respond(200, 'text/csv; charset=utf-8', typeof csv === 'string' ? csv : await streamOf(csv), {
      'content-disposition': `attachment; filename="costspan-${name}.csv"`,
    });
  } catch (error) {
    return failure(error, request);
  }
}

function failure(error: unknown, { signal, url }: Request): Response {
  if (error instanceof ConfigError) return refuse(400, error.code, error.message);
  if (error instanceof CostspanError)
    return refuse(error.code.endsWith('_UNKNOWN') ? 404 : 503, error.code, error.message);
  if (!signal.aborted) diag.error(`costspan: the dashboard could not answer ${new URL(url).pathname}`, error);
  return refuse(500, 'INTERNAL', 'This could not be answered; the log of the dashboard says why.');
}

/** The first part is asked for at once: what is wrong with the question is an answer of its own. */
async function streamOf(parts: AsyncIterable<string>): Promise<ReadableStream<Uint8Array>> {
  const encoder = new TextEncoder();
  const iterator = parts[Symbol.asyncIterator]();
  let next: IteratorResult<string, unknown> | undefined = await iterator.next();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = next ?? (await iterator.next());
      next = undefined;
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}
