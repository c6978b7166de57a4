import type { Database } from './database.ts';
import { addUp } from './event-writer.ts';

/**
 * Adds up all sums again, by these context entries as well as by those that other processes named. Sums that are kept
 * by all of them already are left alone; without `names` they are added up in any case.
 */
export async function rebuildSums(database: Database, names?: readonly string[]): Promise<void> {
  await database.transaction(async (query) => {
    await query('LOCK TABLE setting, slice, roll_up, roll_up_quantity IN ACCESS EXCLUSIVE MODE');
    const [setting] = await query(`SELECT value FROM setting WHERE name = 'roll_up_context'`);
    const context = (setting?.value ?? []) as readonly string[];
    const all = [...new Set([...context, ...(names ?? [])])];
    if (names !== undefined && all.length === context.length) return;
    await query('TRUNCATE slice, roll_up, roll_up_quantity');
    await query(`UPDATE setting SET value = $1 WHERE name = 'roll_up_context'`, [JSON.stringify(all)]);
    // Hour by hour: one statement over millions of events would outlast the time a statement is given.
    const hours = await query(
      `SELECT DISTINCT date_trunc('hour', time, 'UTC')::text AS hour FROM cost_event`,
    );
    const isInHour = `e.time >= $1::timestamptz AND e.time < $1::timestamptz + interval '1 hour'`;
    for (const { hour } of hours) await addUp(query, isInHour, hour);
  });
}
