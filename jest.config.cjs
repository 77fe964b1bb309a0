// The product is an ES module project; Jest runs it as CommonJS, because on Node 20 Jest cannot require() an ES
// module and several packages do just that. SWC therefore turns our TypeScript, and every ESM-only package, into
// CommonJS for the tests alone. CI also boots dist/ once, so that the real module semantics are tried too.
const swc = (syntax, isModule) => [
  '@swc/jest',
  {
    swcrc: false,
    jsc: {
      target: 'es2022',
      parser: { syntax, decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
      keepClassNames: true,
    },
    module: { type: 'commonjs' },
    isModule,
  },
];
const esmPackages = [
  '@nestjs',
  'file-type',
  'strtok3',
  'token-types',
  'uint8array-extras',
  '@tokenizer',
  '@borewit',
  'uuid',
  'temporal-polyfill',
  'temporal-utils',
  'hucre',
  'robust-predicates',
];

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/src', '<rootDir>/test'],
  testRegex: '\\.spec\\.ts$',
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transformIgnorePatterns: [`/node_modules/(?!(${esmPackages.join('|')})/)`],
  transform: { '^.+\\.ts$': swc('typescript', true), '^.+\\.m?js$': swc('ecmascript', 'unknown') },
  globalSetup: '<rootDir>/test/global-setup.cjs',
  globalTeardown: '<rootDir>/test/global-teardown.cjs',
  // More than the cores of a small machine: tests of faults mostly wait for leases to end.
  maxWorkers: 3,
  workerIdleMemoryLimit: '700MB',
  testTimeout: 30000,
};
