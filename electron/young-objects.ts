import { setFlagsFromString } from 'node:v8';
import { ENGINE_FLAG_AT_START } from '../build/engine-flags.mjs';

// For Electron, which takes no flags of V8 for its main process from a package: imported before all else there.
setFlagsFromString(ENGINE_FLAG_AT_START);
