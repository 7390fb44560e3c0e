import { CommanderError } from 'commander';
import { createProgram } from './cli/program.ts';
import { CrosspointError, type ErrorBody, messageOf } from './contract/index.ts';

/** Exit codes: 0 done, 1 failed, 2 wrong usage. */
const FAILED = 1;
const USAGE = 2;

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const sayAsJson = (error: ErrorBody['error']): void => say(JSON.stringify({ error }));

async function main(argv: readonly string[]): Promise<number> {
  const json = argv.includes('--json');
  try {
    await createProgram({ silent: json }).parseAsync([...argv]);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help and version are no errors. Without --json Commander has already said what was wrong.
      if (error.exitCode === 0) return 0;
      if (json) sayAsJson({ code: 'bad-request', message: error.message.replace(/^error: /, '') });
      return USAGE;
    }
    const known =
      error instanceof CrosspointError ? error : new CrosspointError('internal', messageOf(error));
    if (json) sayAsJson(known.toJSON());
    else say(`crosspoint: ${known.message}${known.hint === undefined ? '' : `\n  ${known.hint}`}`);
    return FAILED;
  }
}

process.exitCode = await main(process.argv);
