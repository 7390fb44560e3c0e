import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Desktop Entry Specification, "The Exec key": quoted, then escaped once more as every string value is. */
function quote(argument: string): string {
  const quoted = /^[A-Za-z0-9_./:=@+-]+$/.test(argument)
    ? argument
    : `"${argument.replace(/["`$\\]/g, (character) => `\\${character}`)}"`;
  return quoted.replaceAll('%', '%%').replaceAll('\\', '\\\\');
}

/** @throws TypeError for an argument with control characters: the file could not hold it. */
export function autostartEntry(command: readonly string[]): string {
  if (command.some((argument) => /[\u0000-\u001f]/.test(argument)))
    throw new TypeError('a command has no control characters');
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Name=Crosspoint',
    'Comment=Routes cameras, microphones and speakers',
    `Exec=${command.map(quote).join(' ')}`,
    'Icon=crosspoint-desktop',
    'Terminal=false',
    'X-GNOME-Autostart-enabled=true',
    '',
  ].join('\n');
}

/** What starts this app again, hidden. An AppImage runs from a mount that is gone by then: its own file is named. */
export function startCommand(
  environment: Environment,
  program: string,
  appPath: string | null,
): readonly string[] {
  const image = environment.APPIMAGE;
  const base = image ? [image] : appPath === null ? [program] : [program, appPath];
  return [...base, '--hidden'];
}

/** XDG Autostart Specification: `$XDG_CONFIG_HOME/autostart`. */
export function autostartFile(environment: Environment = process.env): string {
  const config = environment.XDG_CONFIG_HOME;
  const base = config !== undefined && isAbsolute(config) ? config : join(homedir(), '.config');
  return join(base, 'autostart', 'crosspoint.desktop');
}

/** Starts the app with the desktop. Electron's own setting does nothing on Linux. */
export class Autostart {
  readonly #file: string;
  readonly #command: readonly string[];

  constructor(file: string, command: readonly string[]) {
    this.#file = file;
    this.#command = command;
  }

  /** Off also when the desktop's own settings have switched the entry off. */
  get enabled(): boolean {
    const text = this.#read();
    return text !== null && !/^(Hidden=true|X-GNOME-Autostart-enabled=false)\s*$/m.test(text);
  }

  set(enabled: boolean): void {
    if (!enabled) {
      rmSync(this.#file, { force: true });
      return;
    }
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(this.#file, autostartEntry(this.#command));
  }

  /** After a move or an update the entry names the app as it is now. */
  repair(): void {
    if (this.enabled && this.#read() !== autostartEntry(this.#command)) this.set(true);
  }

  #read(): string | null {
    try {
      return readFileSync(this.#file, 'utf8');
    } catch {
      return null;
    }
  }
}
