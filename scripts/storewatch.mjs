// `npm run -s storewatch -- <command>`: as scripts/start.mjs, for any command. Standard output is the command's alone.
import path from 'node:path';
import { prepareOrExit, root } from './prepare.mjs';

await prepareOrExit((line) => process.stderr.write(`${line}\n`));
process.setSourceMapsEnabled(true);
process.argv.splice(1, 1, path.join(root, 'dist', 'cli.js'));
await import('../dist/cli.js');
