import { CrosspointError } from '../contract/index.ts';

/** The first line of what is piped in: a secret is no argument, which everybody on the machine could read. */
export async function firstLine(input: NodeJS.ReadableStream, what: string): Promise<string> {
  let text = '';
  for await (const chunk of input) {
    text += chunk.toString();
    if (text.includes('\n') || text.length > 4096) break;
  }
  const [line = ''] = text.split(/\r?\n/);
  if (line === '')
    throw new CrosspointError('bad-request', `The standard input is to hold ${what}.`, {
      hint: 'For example: … < file-with-the-password',
    });
  return line;
}
