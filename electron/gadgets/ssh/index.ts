export { isAbsence, SshError } from './errors.ts';
export { fingerprintOf, type HostKey } from './host-key.ts';
export { quote, sh } from './quote.ts';
export {
  ChangedHostKey,
  type ExecOptions,
  type ExecResult,
  lastLine,
  type Login,
  SshSession,
} from './session.ts';
