import { CrosspointError, messageOf } from '../contract/index.ts';

/** Do something with a file. @throws CrosspointError `unavailable`, which says that it could not be `what` (written) */
export async function overFile<T>(file: string, what: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    throw new CrosspointError('unavailable', `${file} could not be ${what}: ${messageOf(cause)}.`, { cause });
  }
}
