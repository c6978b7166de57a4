import type { Question } from '../question.ts';

/** What one address answers: as JSON and, where it is a table, as CSV. */
export interface Answer {
  /** The parameters of its own, beside the filters; `scope.` takes any name behind it. */
  readonly takes?: readonly string[];
  json(question: Question): Promise<object>;
  csv?(question: Question): Promise<string> | AsyncIterable<string>;
}
