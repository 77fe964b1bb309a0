/** Classes of SQLSTATE that speak of the server and not of the statement: connection, resources, operator, system. */
const SERVER_CLASSES = new Set(['08', '53', '57', '58']);

/** Whether a statement failed because the database can't be reached or used now; then it may be tried again. */
export function isDatabaseAway(error: unknown): boolean {
  const { code, severity, message } = error as { code?: string; severity?: string; message?: string };
  // What the server says has a severity; what the socket says has a code, and what the pool says has neither.
  if (severity !== undefined) return SERVER_CLASSES.has(code?.slice(0, 2) ?? '');
  return code?.startsWith('E') ?? /connect/i.test(message ?? '');
}
