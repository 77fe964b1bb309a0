import { EnvironmentError, readEnvironment } from '../environment.js';

function problemsOf(variables: Record<string, string>): readonly string[] {
  try {
    readEnvironment(variables);
  } catch (error) {
    if (error instanceof EnvironmentError) return error.problems;
    throw error;
  }
  return [];
}

describe('STORAGE_URL', () => {
  it('that is not set means a folder', () => {
    expect(readEnvironment({ AWS_ACCESS_KEY_ID: 'alone' }).s3).toBeNull();
  });

  it('names a bucket; all else has a default', () => {
    expect(readEnvironment({ STORAGE_URL: 's3://bucket' }).s3).toEqual({
      bucket: 'bucket',
      prefix: '',
      region: 'us-east-1',
      endpoint: null,
      forcePathStyle: false,
      credentials: null,
    });
  });

  it('says where the bucket is; what it leaves out comes from the variables of Amazon', () => {
    const variables = {
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL_S3: 'https://else.example',
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_SESSION_TOKEN: 'token',
    };
    expect(
      readEnvironment({
        ...variables,
        STORAGE_URL: 's3://bucket/a/b/?endpoint=http://127.0.0.1:9000&region=here',
      }).s3,
    ).toEqual({
      bucket: 'bucket',
      prefix: 'a/b',
      region: 'here',
      endpoint: 'http://127.0.0.1:9000',
      forcePathStyle: true,
      credentials: { accessKeyId: 'id', secretAccessKey: 'secret', sessionToken: 'token' },
    });
    expect(
      readEnvironment({ ...variables, STORAGE_URL: 's3://bucket?force_path_style=false' }).s3,
    ).toMatchObject({
      region: 'eu-west-1',
      endpoint: 'https://else.example',
      forcePathStyle: false,
    });
  });

  it.each([
    ['https://bucket', 'STORAGE_URL is no URL that starts with s3://'],
    ['s3://B_cket', "'B_cket'; that is no name of a bucket"],
    ['s3://bucket?path=1', 'the parameter path; there are endpoint, region, force_path_style'],
    ['s3://bucket?endpoint=127.0.0.1', "The S3 endpoint is '127.0.0.1'"],
    ['s3://bucket?force_path_style=yes', 'has to be true or false'],
    ['s3://key:hidden@bucket', 'keys belong in AWS_ACCESS_KEY_ID'],
  ])('is refused with what is wrong and no key: %s', (url, sentence) => {
    const problems = problemsOf({ STORAGE_URL: url }).join(' ');
    expect(problems).toContain(sentence);
    expect(problems).not.toContain('hidden');
  });

  it('needs both keys or none', () => {
    expect(problemsOf({ STORAGE_URL: 's3://bucket', AWS_SECRET_ACCESS_KEY: 'hidden' })).toEqual([
      'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY have to be given together.',
    ]);
  });
});
