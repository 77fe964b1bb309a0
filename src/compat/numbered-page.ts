import type { Request } from 'express';
import { Problem } from '../platform/problem.js';

/** A page by its number, as the earlier system's framework had it. */
export interface NumberedPage {
  /** Counted from 1. */
  page: number;
  pageSize: number;
}

type Query = Readonly<Record<string, unknown>>;

const LAST_PAGE = 1_000_000_000;

/**
 * Reads `page` and `page_size`. As in the earlier system, a size that can't be used gives the usual one, and one that
 * is too large the largest: the answer says which was used.
 *
 * @throws Problem 404 for a page that is none, as the clients know it.
 */
export function readPage(query: Query, usual: number, largest: number): NumberedPage {
  const given = last(query['page']) ?? '1';
  const page = wholeIn(given);
  if (page === null || page > LAST_PAGE) throw noSuchPage(given);
  return { page, pageSize: Math.min(largest, wholeIn(last(query['page_size'])) ?? usual) };
}

/** The addresses of the pages after and before; null where there is none. All else that was asked for stays. */
export function pageLinks(
  request: Request,
  { page, pageSize }: NumberedPage,
  total: number,
): { next: string | null; previous: string | null } {
  const addressOf = (wanted: number): string => {
    const url = new URL(request.originalUrl, `${request.protocol}://${request.headers.host}`);
    url.searchParams.delete('page');
    if (wanted > 1) url.searchParams.set('page', String(wanted));
    return url.href;
  };
  return {
    next: page * pageSize < total ? addressOf(page + 1) : null,
    previous: page > 1 ? addressOf(page - 1) : null,
  };
}

export function noSuchPage(given: string): Problem {
  return new Problem(
    404,
    'page_not_found',
    `There is no page '${given.slice(0, 100)}'. Pages are counted from 1; \`next\` of a page leads to the one after it.`,
  );
}

/** Null for what is no whole number from 1 on. */
function wholeIn(text: string | undefined): number | null {
  return text !== undefined && /^\s*\d{1,15}\s*$/.test(text) && Number(text) >= 1 ? Number(text) : null;
}

/** Of what was said several times the last counts. */
function last(value: unknown): string | undefined {
  const one: unknown = Array.isArray(value) ? value.at(-1) : value;
  return typeof one === 'string' ? one : undefined;
}
