/** What JSON calls an object. It may have members of any name: never assign by one, make it of entries. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether what JSON.parse gave is one; a list is none, nor is null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
