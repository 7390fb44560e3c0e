import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import ssh2, { type Connection, type Server } from 'ssh2';
import { ENTER, type FakePi } from './gadgets-fake-pi.ts';

/** A private key for a server or a person. */
export function newKey(): string {
  for (;;) {
    const { private: key } = ssh2.utils.generateKeyPairSync('ed25519');
    // Some of what it makes is malformed.
    if (!(ssh2.utils.parseKey(key) instanceof Error)) return key;
  }
}

const blobOf = (key: string): string => {
  const parsed = ssh2.utils.parseKey(key);
  if (parsed instanceof Error) throw parsed;
  return parsed.getPublicSSH().toString('base64');
};
export const publicLine = (key: string): string => `ssh-ed25519 ${blobOf(key)} somebody`;

export interface PiServerOptions {
  readonly hostKey?: string;
  /** Undefined: no login by password. */
  readonly password?: string;
  /** Milliseconds that a restart takes. */
  readonly restartMs?: number;
}

/** The SSH server of a made-up Pi, on 127.0.0.1. Knows who its home directory knows. */
export class PiServer {
  port = 0;
  /** What was asked to be run, in order. */
  readonly commands: string[] = [];
  /** Passwords that were shown. */
  readonly passwords: string[] = [];
  logins = 0;
  restarts = 0;
  hostKey: string;
  /** Called for each command; true: the connection breaks while it runs. */
  breakOn: ((command: string) => boolean) | undefined;
  /** What is different after a restart. */
  onRestart: (() => Promise<void>) | undefined;
  readonly #pi: FakePi;
  readonly #options: PiServerOptions;
  readonly #connections = new Set<Connection>();
  #server: Server | undefined;

  private constructor(pi: FakePi, options: PiServerOptions) {
    this.#pi = pi;
    this.#options = options;
    this.hostKey = options.hostKey ?? newKey();
  }

  static async start(pi: FakePi, options: PiServerOptions = {}): Promise<PiServer> {
    const server = new PiServer(pi, options);
    await server.listen();
    return server;
  }

  /** On the port that it had before. */
  async listen(): Promise<void> {
    const server = new ssh2.Server({ hostKeys: [this.hostKey] }, (connection) => this.#serve(connection));
    this.#server = server;
    server.listen(this.port, '127.0.0.1');
    await once(server, 'listening');
    this.port = (server.address() as AddressInfo).port;
  }

  /** Everything that is connected is cut off, without a word. */
  cut(): void {
    for (const connection of this.#connections)
      (connection as unknown as { _sock: { destroy(): void } })._sock.destroy();
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      if (this.#server) this.#server.close(() => resolve());
      else resolve();
    });
    this.cut();
    await closed;
  }

  async #restart(): Promise<void> {
    this.restarts++;
    await this.close();
    writeFileSync(join(this.#pi.root, 'proc/sys/kernel/random/boot_id'), `${randomUUID()}\n`);
    await this.onRestart?.();
    setTimeout(() => void this.listen(), this.#options.restartMs ?? 200);
  }

  #serve(connection: Connection): void {
    this.#connections.add(connection);
    connection.on('error', () => undefined);
    connection.on('close', () => this.#connections.delete(connection));
    connection.on('authentication', (request) => {
      void (async () => {
        if (request.method === 'publickey') {
          const known = (await this.#pi.read('home/pi/.ssh/authorized_keys')) ?? '';
          const isKnown = known
            .split('\n')
            .some((line) => line.split(' ')[1] === request.key.data.toString('base64'));
          if (isKnown && request.signature) this.logins++;
          if (isKnown) request.accept();
          else request.reject(['publickey', 'password', 'keyboard-interactive']);
        } else if (request.method === 'password') {
          this.passwords.push(request.password);
          if (request.password === this.#options.password) {
            this.logins++;
            request.accept();
          } else request.reject(['publickey', 'password']);
        } else request.reject(['publickey', 'password']);
      })();
    });
    connection.on('session', (accept) => {
      accept().on('exec', (acceptExec, _reject, { command }) => {
        this.commands.push(command);
        const channel = acceptExec();
        const child = spawn(ENTER, [this.#pi.root, command], {
          env: { ...process.env, SSH_CONNECTION: '127.0.0.1 50000 127.0.0.1 22' },
          stdio: 'pipe',
        });
        channel.pipe(child.stdin);
        child.stdin.on('error', () => undefined);
        child.stdout.on('data', (data: Buffer) => void channel.write(data));
        child.stderr.on('data', (data: Buffer) => void channel.stderr.write(data));
        channel.on('close', () => child.kill('SIGKILL'));
        child.on('close', (code) => {
          const marker = join(this.#pi.root, 'fake/reboot');
          if (existsSync(marker)) {
            rmSync(marker);
            void this.#restart();
            return;
          }
          channel.exit(code ?? 255);
          channel.end();
        });
        if (this.breakOn?.(command) === true) setTimeout(() => this.cut(), 50);
      });
    });
  }
}
