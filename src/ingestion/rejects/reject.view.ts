/** A row that was set aside. */
export class RejectView {
  file: string;
  /** Physical line on which the row starts; the header is line 1. */
  line: number;
  /** As the file's header names it; null where the row as a whole is wrong. */
  column: string | null;
  /** A word for programs. */
  code: string;
  /** What was found, and what is allowed. */
  detail: string;
  /** The row as it stands in the file, at most 4 KB of it. */
  raw: string;
  /** What the value may have been meant to be. */
  suggestion: string | null;
}

export class RejectListView {
  data: RejectView[];
  next_cursor: string | null;
}

/** All rejects of one file that have the same reason in the same column. */
export class RejectReasonView {
  file: string;
  /** Which of the import's files it is, counted from 0. */
  position: number;
  /** As the file's header names it; null where the row as a whole is wrong. */
  column: string | null;
  /** A word for programs. */
  code: string;
  count: number;
  first_line: number;
  last_line: number;
  /** How many of them come with a suggestion. */
  suggested: number;
  /** The first of them. */
  example: RejectExampleView;
  /** That of the example, where all have one and differ in nothing but digits: what mends one mends all. */
  suggestion: string | null;
}

export class RejectExampleView {
  /** The row as it stands in the file, at most 4 KB of it. */
  raw: string;
  /** What was found, and what is allowed. */
  detail: string;
}

export class RejectReasonListView {
  data: RejectReasonView[];
}
