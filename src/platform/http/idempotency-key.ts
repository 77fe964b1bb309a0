/** A key as it was sent, and where to. */
export interface SentKey {
  /** Method and route. */
  scope: string;
  key: string;
  /** SHA-256 of what was sent; null while the body is still to be read. */
  fingerprint: string | null;
}

/** What the first request with a key was answered. */
export interface KeptAnswer {
  fingerprint: string;
  status: number;
  headers: Readonly<Record<string, string>>;
  /** JSON text; null: no body. */
  body: string | null;
}

/** The right to be the first with a key, until it is settled. */
export interface FirstUse {
  readonly sent: SentKey;
  /** Keeps the answer for those who come again. */
  keep(answer: KeptAnswer): Promise<void>;
  /** Nothing came of it: the key is free again. */
  free(): Promise<void>;
}

/** What somebody with a key finds. */
export type KeyState =
  | { state: 'first'; use: FirstUse }
  | { state: 'answered'; answer: KeptAnswer }
  /** The first is at work; its fingerprint, null while that is not known. */
  | { state: 'running'; fingerprint: string | null };

/** Whether two requests are known to have sent different things. */
export function isOther(one: string | null, other: string | null): boolean {
  return one !== null && other !== null && one !== other;
}
