// `npm start`: installs and builds when needed, then runs the program in this very process, so that Ctrl-C reaches it.
import path from 'node:path';
import { prepareOrExit, root } from './prepare.mjs';

await prepareOrExit((line) => process.stdout.write(`${line}\n`));
process.setSourceMapsEnabled(true);
const cli = path.join(root, 'dist', 'cli.js');
process.argv.splice(1, 1, cli, 'serve', '--first-run');
await import('../dist/cli.js');
