import { CrosspointError } from '../../contract/index.ts';
import { type AmfObject, type AmfValue, decodeAmf0 } from './amf0.ts';
import { type RtmpMessage } from './chunk-reader.ts';
import { COMMAND_AMF3 } from './protocol.ts';

/** A command message (RTMP 1.0 §7.1.1), read leniently. */
export interface Command {
  readonly name: string;
  /** 0: no answer is expected. Whatever number the peer chose is sent back. */
  readonly transactionId: number;
  /** The command object, if there is one. */
  readonly object: AmfObject | undefined;
  /** What follows the command object; when that is no null, it is the first of them. */
  readonly args: readonly AmfValue[];
}

const isObject = (value: AmfValue): value is AmfObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

/** @throws CrosspointError `bad-request` when it is malformed or has no name */
export function readCommand({ typeId, payload }: RtmpMessage): Command {
  // AMF3 commands are AMF0 after a zero byte (§7.1.1); some peers leave that out.
  const body = typeId === COMMAND_AMF3 && payload[0] === 0 ? payload.subarray(1) : payload;
  const [name, transactionId, ...rest] = decodeAmf0(body);
  if (typeof name !== 'string') throw new CrosspointError('bad-request', 'A command without a name.');
  const first = rest[0];
  return {
    name,
    transactionId: typeof transactionId === 'number' ? transactionId : 0,
    object: isObject(first) ? first : undefined,
    args: first === null || first === undefined ? rest.slice(1) : rest,
  };
}
