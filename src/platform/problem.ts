/** One thing wrong with a request: where (RFC 6901 pointer, or a query parameter's name), a code, a sentence. */
export interface ProblemEntry {
  pointer: string;
  code: string;
  detail: string;
}

const TITLES = {
  400: "The request can't be used",
  403: 'The request is refused',
  404: 'Not found',
  405: 'Not what this address does',
  406: 'Not available in this form',
  409: 'Not possible in this state',
  410: 'Gone',
  412: 'Changed in the meantime',
  413: 'Too large',
  415: 'Not this kind of content',
  422: 'Refused whole',
  428: 'A condition is missing',
  429: 'Too many at once',
  500: 'Something went wrong here',
  503: 'Not available at the moment',
  507: 'No room to keep it',
} as const;
export type ProblemStatus = keyof typeof TITLES;

/**
 * Something that the caller can understand and mend: over HTTP an RFC 9457 answer, at a terminal its `detail`.
 *
 * @param detail what was wrong, where, what is allowed, what to do: whole sentences.
 */
export class Problem extends Error {
  readonly title: string;

  constructor(
    readonly status: ProblemStatus,
    /** A word for programs, such as `report_not_found`. */
    readonly code: string,
    readonly detail: string,
    readonly errors: readonly ProblemEntry[] = [],
    /** Further members of the answer, for a program that is to act on it. */
    readonly more: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail);
    this.name = 'Problem';
    this.title = TITLES[status];
  }

  static titleOf(status: number): string {
    return TITLES[status as ProblemStatus] ?? (status < 500 ? 'The request is refused' : TITLES[500]);
  }
}
