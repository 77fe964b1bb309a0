const FEATURES = '^src/(stores|ingestion|blueprints|movements|reports|data|health|compat)/';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'availability-is-pure',
      comment: 'The engine takes values and gives values: it imports nothing outside itself but date-fns-tz.',
      severity: 'error',
      from: { path: '^src/availability/', pathNot: '\\.(spec|oracle)\\.ts$' },
      to: { pathNot: ['^src/availability/', '^node_modules/date-fns-tz/'] },
    },
    {
      name: 'engine-by-its-front-door',
      comment: 'What others may use of the engine is in its index; its insides may change without them.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/availability/' },
      to: { path: '^src/availability/', pathNot: '^src/availability/index\\.ts$' },
    },
    {
      name: 'platform-knows-no-feature',
      comment: 'Features stand on the platform, never the other way round.',
      severity: 'error',
      from: { path: '^src/platform/' },
      to: { path: '^src/', pathNot: ['^src/platform/', '^src/availability/'] },
    },
    {
      name: 'stores-use-no-feature',
      comment: 'Stores hold the facts that other features bring and ask for.',
      severity: 'error',
      from: { path: '^src/stores/' },
      to: { path: '^src/(ingestion|blueprints|movements|reports|data|health|compat|commands)/' },
    },
    {
      name: 'ingestion-and-reports-apart',
      comment: 'One brings facts in, the other takes figures out; they meet in the stores.',
      severity: 'error',
      from: { path: '^src/(ingestion|reports|health)/' },
      to: { path: '^src/(ingestion|reports|data|health)/', pathNot: '^src/$1/' },
    },
    {
      name: 'floor-knows-no-report',
      comment:
        'Layouts give movements their meaning, and both say something of a report; neither knows who reads it.',
      severity: 'error',
      from: { path: '^src/(blueprints|movements)/' },
      to: { path: '^src/(ingestion|reports|data|health)/' },
    },
    {
      name: 'blueprints-know-no-movement',
      comment: 'A layout holds whether or not anybody walks there.',
      severity: 'error',
      from: { path: '^src/blueprints/' },
      to: { path: '^src/movements/' },
    },
    {
      name: 'nothing-uses-compat',
      comment: "Earlier clients' routes are presenters; nothing may come to depend on them.",
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/compat/', '^src/api\\.module\\.ts$'] },
      to: { path: '^src/compat/' },
    },
    {
      name: 'no-entity-of-another-feature',
      comment:
        'From another feature import its module, service, reader or writer: its entities, DTOs, controllers and processors are its own.',
      severity: 'error',
      from: { path: FEATURES },
      to: {
        path: `${FEATURES}.*\\.(entity|dto|controller|processor)\\.ts$`,
        pathNot: '^src/$1/',
      },
    },
    {
      name: 'commands-are-entry-points',
      comment: 'Commands start features; nothing but an entry point starts commands.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/commands/', '^src/(main|worker|cli)\\.ts$'] },
      to: { path: '^src/commands/' },
    },
    {
      name: 'clock-in-one-place',
      comment: 'Time is asked for through Clock, so that a test can hold it still.',
      severity: 'error',
      from: { path: '^src/availability/' },
      to: { path: '^src/platform/' },
    },
    {
      name: 'no-circles',
      comment: 'Two files that need each other are one file, or miss a third.',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true },
    },
    {
      name: 'no-test-code-in-the-product',
      comment: 'What only tests need stays with them.',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.(spec|oracle)\\.ts$' },
      to: { path: ['^test/', '\\.(spec|oracle)\\.ts$'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^src/metadata\\.ts$' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
