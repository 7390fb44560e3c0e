import { type Socket } from 'node:net';
import { type FastifyError, type FastifyReply } from 'fastify';
import { CrosspointError } from '../contract/index.ts';
import { FAILURE_WINDOW_MS } from './guard.ts';

/** Every refusal of the HTTP server, whoever noticed it, as one of ours. */
function toCrosspointError(error: FastifyError | CrosspointError): CrosspointError {
  if (error instanceof CrosspointError) return error;
  if (error.statusCode === 413)
    return new CrosspointError('too-large', 'A request has at most 1 MiB.', { cause: error });
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500)
    return new CrosspointError(
      'bad-request',
      `The request cannot be read: ${error.message.slice(0, 300).replace(/\.?$/, '.')}`,
      { cause: error },
    );
  return new CrosspointError('internal', 'Something went wrong inside Crosspoint. The log has the details.', {
    cause: error,
  });
}

/** Answer with an error. @returns it, as one of ours */
export function refuse(error: FastifyError | CrosspointError, reply: FastifyReply): CrosspointError {
  const known = toCrosspointError(error);
  // RFC 6585 §4 and RFC 6750 §3.
  if (known.code === 'rate-limited') void reply.header('retry-after', String(FAILURE_WINDOW_MS / 1000));
  if (known.code === 'unauthorized') void reply.header('www-authenticate', 'Bearer realm="crosspoint"');
  void reply.status(known.status).send({ error: known });
  return known;
}

/** What the HTTP parser of Node refuses never becomes a request: it is answered on the socket, which is closed. */
export function refuseOnSocket(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, known] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ['431 Request Header Fields Too Large', new CrosspointError('too-large', 'The headers are too long.')]
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ['408 Request Timeout', new CrosspointError('timeout', 'The request took too long to come.')]
        : ['400 Bad Request', new CrosspointError('bad-request', 'This is no HTTP request.')];
  const body = JSON.stringify({ error: known });
  const head = `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close`;
  socket.end(`HTTP/1.1 ${status}\r\n${head}\r\n\r\n${body}`);
}
