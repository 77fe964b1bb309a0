/** Anything with `query`: the data source, or the one connection of a transaction. */
export interface Queryable {
  query(sql: string, parameters?: unknown[]): Promise<unknown>;
}

/** Rows of a statement, whichever of the two gave them. */
export async function rowsOf<T>(db: Queryable, sql: string, parameters: unknown[] = []): Promise<T[]> {
  const answer = await db.query(sql, parameters);
  return Array.isArray(answer) ? (answer as T[]) : (answer as { rows: T[] }).rows;
}
