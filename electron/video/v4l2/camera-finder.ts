import { type FSWatcher, statSync, watch } from 'node:fs';
import { readdir, readFile, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Disposable } from '../../base/disposable.ts';
import { Emitter, type Event } from '../../base/emitter.ts';
import { type Logger } from '../../base/logger.ts';
import { type FoundCamera, messageOf } from '../../contract/index.ts';
import { V4l2Ctl } from './v4l2-ctl.ts';

export interface CameraFinderOptions {
  readonly log: Logger;
  /** Default `/dev`. */
  readonly devDir?: string;
  /** Default `/sys/class/video4linux`. */
  readonly sysDir?: string;
  readonly v4l2Ctl?: string;
  /** Looks again so often, whatever the system tells. Default 5000 ms. */
  readonly pollMs?: number;
}

/** Udev makes links and sets permissions one after the other. */
const SETTLE_MS = 150;
/** A camera that could not be opened is tried again: its permissions may come late. */
const MAX_TRIES = 4;

interface Entry {
  readonly node: string;
  readonly camera: FoundCamera;
  /** No camera after all: a metadata node, an encoder. */
  readonly captures: boolean;
  readonly failed: boolean;
  readonly tries: number;
}

/** The V4L2 cameras that are plugged in, with their formats and controls, followed as they come and go. */
export class CameraFinder implements Disposable {
  readonly #log: Logger;
  readonly #devDir: string;
  readonly #sysDir: string;
  readonly #ctl: V4l2Ctl;
  readonly #pollMs: number;
  readonly #changed = new Emitter<void>();
  readonly #watchers = new Map<string, { readonly watcher: FSWatcher; readonly inode: number }>();
  readonly #entries = new Map<string, Entry>();
  #cameras: readonly FoundCamera[] = [];
  #poll: NodeJS.Timeout | undefined;
  #soon: NodeJS.Timeout | undefined;
  #looking = false;
  #again = false;
  #disposed = false;

  constructor({
    log,
    devDir = '/dev',
    sysDir = '/sys/class/video4linux',
    v4l2Ctl,
    pollMs = 5000,
  }: CameraFinderOptions) {
    this.#log = log;
    this.#devDir = devDir;
    this.#sysDir = sysDir;
    this.#ctl = new V4l2Ctl(v4l2Ctl);
    this.#pollMs = pollMs;
  }

  get cameras(): readonly FoundCamera[] {
    return this.#cameras;
  }

  get onChange(): Event<void> {
    return this.#changed.event;
  }

  /** Begin to look; resolves when it is known what is there now. */
  async start(): Promise<void> {
    this.#poll = setInterval(() => void this.#look(), this.#pollMs);
    this.#poll.unref();
    await this.#look();
  }

  find(device: string): FoundCamera | undefined {
    return this.#entryOf(device)?.camera;
  }

  /** Also by the name of its node. */
  #entryOf(device: string): Entry | undefined {
    return this.#entries.get(device) ?? [...this.#entries.values()].find(({ node }) => node === device);
  }

  /** Set controls of a camera. @throws CrosspointError `unavailable`, `forbidden`, `not-found`, `bad-request` */
  async setControls(device: string, values: Readonly<Record<string, number>>): Promise<void> {
    try {
      await this.#ctl.set(device, values, this.find(device)?.controls);
    } finally {
      // One control may have changed what others are worth.
      const entry = this.#entryOf(device);
      if (entry && !this.#disposed) await this.#renew(entry);
    }
  }

  async #renew(entry: Entry): Promise<void> {
    const { device } = entry.camera;
    const renewed = await this.#describe(device, entry.node, 0);
    if (this.#disposed || this.#entries.get(device) !== entry) return;
    this.#entries.set(device, renewed);
    this.#publish();
  }

  dispose(): void {
    this.#disposed = true;
    clearInterval(this.#poll);
    clearTimeout(this.#soon);
    for (const { watcher } of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
    this.#changed.dispose();
  }

  #lookSoon(): void {
    if (this.#disposed) return;
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      void this.#look();
    }, SETTLE_MS);
  }

  /** Directories that do not exist now are watched when they do. */
  #watch(): void {
    for (const directory of [this.#devDir, ...this.#linkDirs]) {
      const inode = inodeOf(directory);
      const old = this.#watchers.get(directory);
      if (old?.inode === inode) continue;
      old?.watcher.close();
      this.#watchers.delete(directory);
      if (inode === undefined) continue;
      try {
        const watcher = watch(directory, { persistent: false }, (_, file) => {
          if (file === null || directory !== this.#devDir || /^(video\d+|v4l)$/.test(file)) this.#lookSoon();
        });
        watcher.on('error', () => watcher.close());
        this.#watchers.set(directory, { watcher, inode });
      } catch {
        // The poll will do.
      }
    }
  }

  get #linkDirs(): readonly string[] {
    return [join(this.#devDir, 'v4l/by-id'), join(this.#devDir, 'v4l/by-path')];
  }

  async #look(): Promise<void> {
    if (this.#looking) {
      this.#again = true;
      return;
    }
    this.#looking = true;
    try {
      const present = await this.#present();
      this.#watch();
      for (const [device, { node }] of this.#entries)
        if (present.get(device) !== node) this.#entries.delete(device);
      for (const [device, node] of present) {
        const known = this.#entries.get(device);
        if (known && (!known.failed || known.tries >= MAX_TRIES)) continue;
        const entry = await this.#describe(device, node, (known?.tries ?? 0) + 1);
        if (this.#disposed) return;
        this.#entries.set(device, entry);
      }
      this.#publish();
    } catch (error) {
      this.#log.warn('cameras cannot be looked for', { reason: messageOf(error) });
    } finally {
      this.#looking = false;
      if (this.#again) {
        this.#again = false;
        this.#lookSoon();
      }
    }
  }

  /** The most stable name of each device node: by serial number, else by USB port, else its number. */
  async #present(): Promise<ReadonlyMap<string, string>> {
    const byNode = new Map<string, string>();
    for (const directory of this.#linkDirs)
      for (const name of (await list(directory)).toSorted()) {
        const link = join(directory, name);
        const node = await realpath(link).catch(() => undefined);
        if (node !== undefined && !byNode.has(node)) byNode.set(node, link);
      }
    const root = await realpath(this.#devDir).catch(() => this.#devDir);
    for (const name of await list(this.#devDir)) {
      const node = join(root, name);
      if (/^video\d+$/.test(name) && !byNode.has(node)) byNode.set(node, join(this.#devDir, name));
    }
    return new Map([...byNode].map(([node, device]) => [device, node]));
  }

  async #describe(device: string, node: string, tries: number): Promise<Entry> {
    const label = await this.#labelOf(device, node);
    try {
      const { card, captures, formats, controls } = await this.#ctl.describe(device);
      const camera = { device, label: card ?? label, formats, controls: [...controls] };
      return { node, camera, captures, failed: false, tries };
    } catch (error) {
      // The first node of a device is its camera; nodes that are nowhere linked are encoders and the like.
      const captures = device.endsWith('-video-index0');
      return {
        node,
        camera: { device, label, formats: [], controls: [], reason: messageOf(error) },
        captures,
        failed: true,
        tries,
      };
    }
  }

  async #labelOf(device: string, node: string): Promise<string> {
    const name = await readFile(join(this.#sysDir, basename(node), 'name'), 'utf8').catch(() => '');
    if (name.trim() !== '') return name.trim();
    return basename(device)
      .replace(/^usb-/, '')
      .replace(/-video-index\d+$/, '')
      .replaceAll('_', ' ');
  }

  #publish(): void {
    const cameras = [...this.#entries.values()]
      .filter(({ captures }) => captures)
      .map(({ camera }) => camera)
      .toSorted((a, b) => a.device.localeCompare(b.device));
    if (JSON.stringify(cameras) === JSON.stringify(this.#cameras)) return;
    this.#cameras = cameras;
    this.#log.info('cameras', { devices: cameras.map(({ device }) => device) });
    this.#changed.fire();
  }
}

/** A directory that was made anew has another. */
const inodeOf = (directory: string): number | undefined =>
  statSync(directory, { throwIfNoEntry: false })?.ino;

const list = (directory: string): Promise<string[]> => readdir(directory).catch(() => []);
