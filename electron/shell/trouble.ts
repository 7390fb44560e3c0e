import { app, crashReporter, dialog, shell, type Details, type RenderProcessGoneDetails } from 'electron';
import { type Logger } from '../base/logger.ts';
import { messageOf } from '../contract/index.ts';
import { newCrashes } from './crash-dumps.ts';
import { type ErrorReports } from './error-reports.ts';

export interface TroubleOptions {
  readonly reports: ErrorReports;
  /** Remembers which crashes were told of. */
  readonly markFile: string;
  readonly log: Logger;
}

interface Choice {
  readonly label: string;
  readonly act: () => void | Promise<void>;
}

/**
 * Tells the person about crashes and errors, with the report at hand and a way on. The engine goes on meanwhile:
 * somebody may be on air. One box at a time; what comes while one is open is reported, but not told.
 */
export class Trouble {
  readonly #options: TroubleOptions;
  #telling = false;

  constructor(options: TroubleOptions) {
    this.#options = options;
  }

  /** Must be called before Electron is ready. Dumps stay on this machine. */
  start(): void {
    crashReporter.start({ uploadToServer: false });
    app.on('child-process-gone', (_event, details) => this.processGone(details));
  }

  /** How many reports there are to look at. */
  get count(): number {
    return this.#options.reports.names.length;
  }

  /** Shows the folder with the reports. */
  async show(): Promise<void> {
    await this.#open(this.#options.reports.folder);
  }

  /** An error that nobody caught, in the app's own process. */
  appError(error: unknown): void {
    const summary = `An error inside of Crosspoint: ${messageOf(error)}`;
    const details = { stack: error instanceof Error ? (error.stack ?? '') : String(error) };
    this.#options.log.error('an error that nobody caught', { error: details.stack });
    const report = this.#options.reports.write({ who: 'app', summary, details });
    void this.#tell('Something went wrong inside of Crosspoint', 'It goes on as well as it can.', report, [
      { label: 'Go on', act: () => undefined },
      { label: 'Start anew', act: relaunch },
    ]);
  }

  /** The page died again and again; the engine lives. */
  pageGone({ reason, exitCode }: RenderProcessGoneDetails, reopen: () => void): void {
    const summary = `The window has crashed (${reason}).`;
    const report = this.#options.reports.write({ who: 'page', summary, details: { reason, exitCode } });
    void this.#tell(
      'The window has crashed',
      'Pictures and sound go on as they were routed; only the window is gone.',
      report,
      [
        { label: 'Reopen', act: reopen },
        { label: 'Leave it', act: () => undefined },
      ],
    );
  }

  /** The page does not answer any more. */
  pageHangs(reopen: () => void): void {
    const report = this.#options.reports.write({
      who: 'page',
      summary: 'The window does not answer.',
      details: {},
    });
    void this.#tell(
      'The window does not answer',
      'Pictures and sound go on as they were routed. It may come back by itself.',
      report,
      [
        { label: 'Wait', act: () => undefined },
        { label: 'Reopen', act: reopen },
      ],
    );
  }

  /** Another process of Chromium; it is started again by itself. */
  processGone({ type, reason, exitCode, name, serviceName }: Details): void {
    if (reason === 'clean-exit' || reason === 'killed') return;
    const details = { type, reason, exitCode, name, serviceName };
    this.#options.log.error('a process of the window has died', details);
    this.#options.reports.write({
      who: 'process',
      summary: `A process of the window has died: ${type} (${reason}).`,
      details,
    });
  }

  /** What could not be told while it happened. Call it when the app is ready. */
  tellLastTime(): void {
    const folder = app.getPath('crashDumps');
    let crashes = 0;
    try {
      crashes = newCrashes(folder, this.#options.markFile);
    } catch (error) {
      this.#options.log.warn('the crash dumps could not be looked at', { error: messageOf(error) });
    }
    if (crashes === 0) return;
    this.#options.log.warn('Crosspoint crashed last time', { crashes, folder });
    void this.#tell(
      'Crosspoint crashed last time',
      'The routing was kept. What is left of the crash is on this machine only.',
      folder,
      [{ label: 'Go on', act: () => undefined }],
    );
  }

  async #tell(
    message: string,
    detail: string,
    report: string | null,
    choices: readonly Choice[],
  ): Promise<void> {
    // A box before Electron is ready would end the app.
    if (this.#telling || !app.isReady()) return;
    this.#telling = true;
    try {
      const all: readonly Choice[] = report
        ? [...choices, { label: 'Show the report', act: () => this.#open(report) }]
        : choices;
      for (;;) {
        const { response } = await dialog.showMessageBox({
          type: 'error',
          title: 'Crosspoint',
          message,
          detail,
          buttons: all.map(({ label }) => label),
          defaultId: 0,
          // Escape does nothing that cannot be taken back.
          cancelId: choices.length > 1 && choices[0]?.label === 'Reopen' ? 1 : 0,
          noLink: true,
        });
        await all[response]?.act();
        // Who has looked at the report still has to choose.
        if (response < choices.length) return;
      }
    } catch (error) {
      this.#options.log.error('the person could not be told', { error: messageOf(error) });
    } finally {
      this.#telling = false;
    }
  }

  async #open(path: string): Promise<void> {
    const problem = await shell.openPath(path);
    if (problem === '') return;
    this.#options.log.warn('a report could not be opened', { problem });
    shell.showItemInFolder(path);
  }
}

/** An AppImage runs from a mount that is gone by then: its own file is started. */
function relaunch(): void {
  const image = process.env.APPIMAGE;
  app.relaunch(image ? { execPath: image, args: process.argv.slice(1) } : {});
  app.quit();
}
