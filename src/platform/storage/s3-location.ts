/** Where in which bucket finished files lie, and how to get there. */
export interface S3Location {
  bucket: string;
  /** Without slashes at its ends; empty: the names stand alone. */
  prefix: string;
  region: string;
  /** Null: Amazon's own. */
  endpoint: string | null;
  /** The bucket stands in the path instead of in the host's name. */
  forcePathStyle: boolean;
  /** Null: the SDK looks for them itself, in the profile of the user or with the machine's role. */
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string | undefined } | null;
}

type Lookup = (name: string) => string | undefined;

const PARAMETERS = ['endpoint', 'region', 'force_path_style'];
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/**
 * Reads `s3://bucket/prefix?endpoint=…&region=…&force_path_style=…`; what it does not say comes from the variables that
 * Amazon's own tools use.
 *
 * @returns the location, or what is wrong, a sentence for each; never with the value of a key.
 */
export function parseS3Location(text: string, variable: Lookup): S3Location | readonly string[] {
  const url = new URL(text);
  const problems: string[] = [];
  const expect = (holds: boolean, sentence: string): void => {
    if (!holds) problems.push(sentence);
  };
  const parameter = (name: string): string | undefined => url.searchParams.get(name) ?? undefined;
  const unknown = [...url.searchParams.keys()].filter((name) => !PARAMETERS.includes(name));
  const endpoint =
    parameter('endpoint') ?? variable('AWS_ENDPOINT_URL_S3') ?? variable('AWS_ENDPOINT_URL') ?? null;
  const pathStyle = parameter('force_path_style') ?? String(endpoint !== null);
  const accessKeyId = variable('AWS_ACCESS_KEY_ID');
  const secretAccessKey = variable('AWS_SECRET_ACCESS_KEY');

  expect(
    BUCKET.test(url.hostname),
    `STORAGE_URL names the bucket '${url.hostname}'; that is no name of a bucket.`,
  );
  expect(
    url.username === '' && url.password === '',
    'STORAGE_URL holds a login; keys belong in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
  );
  expect(
    unknown.length === 0,
    `STORAGE_URL has the parameter ${unknown.join(', ')}; there are ${PARAMETERS.join(', ')}.`,
  );
  expect(
    endpoint === null || (/^https?:\/\//.test(endpoint) && URL.canParse(endpoint)),
    `The S3 endpoint is '${endpoint}'; it has to be a URL that starts with http:// or https://.`,
  );
  expect(
    pathStyle === 'true' || pathStyle === 'false',
    `STORAGE_URL has force_path_style=${pathStyle}; it has to be true or false.`,
  );
  expect(
    (accessKeyId === undefined) === (secretAccessKey === undefined),
    'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY have to be given together.',
  );
  if (problems.length > 0) return problems;
  return {
    bucket: url.hostname,
    prefix: decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, ''),
    region: parameter('region') ?? variable('AWS_REGION') ?? variable('AWS_DEFAULT_REGION') ?? 'us-east-1',
    endpoint,
    forcePathStyle: pathStyle === 'true',
    credentials:
      accessKeyId === undefined || secretAccessKey === undefined
        ? null
        : { accessKeyId, secretAccessKey, sessionToken: variable('AWS_SESSION_TOKEN') },
  };
}
