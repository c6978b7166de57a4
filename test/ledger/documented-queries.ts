import { readFileSync } from 'node:fs';

/** The SQL of a chapter of `docs/ledger.md`: what it asks, and the statement. */
export function documentedQueries(chapter: 'SQLite' | 'PostgreSQL'): [question: string, sql: string][] {
  const [, text = ''] = readFileSync('docs/ledger.md', 'utf8').split(`\n## ${chapter}\n`);
  const [own = ''] = text.split('\n## ');
  return [...own.matchAll(/```sql\n-- (.+)\n([\s\S]+?)```/g)].map(([, question = '', sql = '']) => [
    question,
    sql,
  ]);
}
