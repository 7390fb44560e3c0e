import { CommanderError } from 'commander';
import { createProgram } from './cli/program.ts';
import { CrosspointError, messageOf } from './contract/index.ts';

/** Exit codes: 0 done, 1 failed, 2 wrong usage. */
const FAILED = 1;
const USAGE = 2;

async function main(argv: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync([...argv]);
    return 0;
  } catch (error) {
    // Commander has already said what was wrong; help and version are no errors.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    const hint = error instanceof CrosspointError ? error.hint : undefined;
    process.stderr.write(`crosspoint: ${messageOf(error)}${hint === undefined ? '' : `\n  ${hint}`}\n`);
    return FAILED;
  }
}

process.exitCode = await main(process.argv);
