// `npm run test:faults`: the tests of faults alone, in their long form. FAULT_ROUNDS takes a number of rounds instead,
// FAULT_SEED repeats a schedule; further words go to Jest.
process.env.FAULT_ROUNDS ??= 'long';
process.argv.splice(2, 0, 'test/faults');
await import('./test.mjs');
