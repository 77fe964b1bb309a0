#!/usr/bin/env node
import './platform/utc.js';
import { storewatch } from './commands/storewatch.js';

await storewatch(process.argv.slice(2));
