#!/usr/bin/env node
// The command line in a checkout: sets up and builds what is not up to date, then becomes the command.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { OUT, ensureBuilt, isCheckout } from './build.mjs';
import { ENGINE_FLAG_AT_START } from './engine-flags.mjs';
import { setUp } from './setup.mjs';

if (process.argv[2] === 'serve') setFlagsFromString(ENGINE_FLAG_AT_START);

// Only the engine itself needs ffmpeg and the like; `status` on a machine without them shall work.
const ready = !isCheckout() || (setUp(process.argv[2] === 'serve' ? 'run' : 'npm') && ensureBuilt());
if (!ready) process.exit(1);
await import(pathToFileURL(join(OUT, 'cli.mjs')).href);
