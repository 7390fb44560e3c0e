import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Emitter } from '../../../../electron/base/emitter.ts';
import { DEFAULT_RENDITION } from '../../../../electron/video/frames/rendition.ts';
import { SLATE_KINDS, Slates } from '../../../../electron/video/frames/slates.ts';
import { DEFAULT_TIMING, Switcher, type SwitcherTarget } from '../../../../electron/video/frames/switcher.ts';
import { type OutputStatus } from '../../../../electron/video/plane.ts';
import { FakeSource, picture, textOf } from '../../../support/video-fakes.ts';
import { SLATES_DIR } from '../../../support/video-rig.ts';

const slates = Slates.load(SLATES_DIR);
const nameOf = (jpeg: Uint8Array): string => {
  const slate = SLATE_KINDS.find((kind) => slates.get(kind, DEFAULT_RENDITION).jpeg === jpeg);
  return slate === undefined ? textOf({ jpeg }) : `[${slate}]`;
};

let shown: string[];
let statuses: OutputStatus[];
let switcher: Switcher;
beforeEach(() => {
  vi.useFakeTimers();
  shown = [];
  statuses = [];
  switcher = new Switcher({
    rendition: DEFAULT_RENDITION,
    slates,
    timing: { ...DEFAULT_TIMING },
    onFrame: ({ jpeg }) => shown.push(nameOf(jpeg)),
    onStatus: (status) => statuses.push(status),
  });
});
afterEach(() => {
  switcher.dispose();
  vi.useRealTimers();
});

const to = (pictures: FakeSource | null, { muted = false, sourceMuted = false } = {}): SwitcherTarget => ({
  source: pictures && { pictures, label: 'Cam', muted: sourceMuted },
  muted,
});
const state = (): string => switcher.status.state;

describe('an output', () => {
  it('shows the slate while nothing is routed', () => {
    switcher.set(to(null));
    expect(shown).toEqual(['[no-signal]']);
    expect(state()).toBe('off');
  });

  it('keeps the old picture until the new source has one, then cuts', () => {
    const [a, b] = [new FakeSource(), new FakeSource()];
    switcher.set(to(a));
    a.send('a1');
    switcher.set(to(b));
    expect(state()).toBe('pending');
    a.send('a2');
    b.send('b1');
    a.send('a3');
    b.send('b2');
    expect(shown).toEqual(['[connecting]', 'a1', 'a2', 'b1', 'b2']);
    expect(a.followed).toEqual([]);
    expect(state()).toBe('live');
  });

  it('cuts at once to a source that has a picture already', () => {
    const [a, b] = [new FakeSource(), new FakeSource()];
    b.latest = picture('b0');
    switcher.set(to(a));
    a.send('a1');
    switcher.set(to(b));
    expect(shown.at(-1)).toBe('b0');
    expect(statuses.map((status) => status.state)).toEqual(['pending', 'live']);
  });

  it('goes back without a break when the operator does so before the new source came', () => {
    const [a, b] = [new FakeSource(), new FakeSource()];
    switcher.set(to(a));
    a.send('a1');
    switcher.set(to(b));
    switcher.set(to(a));
    a.send('a2');
    b.send('b1');
    expect(shown.slice(1)).toEqual(['a1', 'a2']);
    expect(b.followed).toEqual([]);
    expect(state()).toBe('live');
  });

  it('gives the new source three seconds, then shows the slate, and its picture when it comes after all', () => {
    const [a, b] = [new FakeSource(), new FakeSource()];
    switcher.set(to(a));
    a.send('a1');
    switcher.set(to(b));
    for (let i = 0; i < 28; i++) {
      vi.advanceTimersByTime(100);
      a.send('a');
    }
    expect(shown.at(-1)).toBe('a');
    vi.advanceTimersByTime(300);
    expect(shown.at(-1)).toBe('[connecting]');
    expect(a.followed).toEqual([]);
    b.send('b1');
    expect(shown.at(-1)).toBe('b1');
  });

  it.each([
    ['offline', '[offline]'],
    ['error', '[error]'],
  ] as const)('shows the slate at once for a new source that is %s', (sourceState, slate) => {
    const [a, b] = [new FakeSource(), new FakeSource()];
    switcher.set(to(a));
    a.send('a1');
    b.status = { state: sourceState, reason: 'why' };
    switcher.set(to(b));
    expect(shown.at(-1)).toBe(slate);
    expect(switcher.status).toEqual({ state: sourceState, reason: 'why' });
    b.become({ state: 'online' });
    expect(shown.at(-1)).toBe('[connecting]');
    b.send('b1');
    expect(shown.at(-1)).toBe('b1');
    expect(state()).toBe('live');
  });

  it('shows the slate 500 ms after the last picture, and the next picture at once', () => {
    const a = new FakeSource();
    switcher.set(to(a));
    for (let i = 0; i < 10; i++) {
      a.send('a');
      vi.advanceTimersByTime(33);
    }
    vi.advanceTimersByTime(460);
    expect(shown.at(-1)).toBe('a');
    vi.advanceTimersByTime(40);
    expect(shown.at(-1)).toBe('[no-signal]');
    expect(state()).toBe('pending');
    a.send('b');
    expect(shown.at(-1)).toBe('b');
    expect(state()).toBe('live');
  });

  it('shows the slate at once when its source goes offline, and why', () => {
    const a = new FakeSource();
    switcher.set(to(a));
    a.send('a');
    a.become({ state: 'offline', reason: 'unplugged' });
    expect(shown.at(-1)).toBe('[offline]');
    expect(switcher.status).toEqual({ state: 'offline', reason: 'unplugged' });
  });

  it('does not mind an error that is mended within 500 ms', () => {
    const a = new FakeSource();
    switcher.set(to(a));
    a.send('a');
    a.become({ state: 'error', reason: 'crashed' });
    vi.advanceTimersByTime(300);
    a.become({ state: 'online' });
    a.send('b');
    expect(shown.slice(1)).toEqual(['a', 'b']);
  });

  it('does not take a slow camera or a still picture for a broken one', () => {
    const slow = new FakeSource();
    switcher.set(to(slow));
    for (let i = 0; i < 5; i++) {
      slow.send('s');
      vi.advanceTimersByTime(i === 0 ? 450 : 900);
    }
    expect(shown.filter((name) => name.startsWith('[no'))).toEqual([]);
    const still = new FakeSource({ still: true });
    switcher.set(to(still));
    still.send('still');
    vi.advanceTimersByTime(60_000);
    expect(shown.at(-1)).toBe('still');
    expect(state()).toBe('live');
  });

  it.each([
    ['the output', { muted: true }],
    ['the source', { sourceMuted: true }],
  ])('shows the privacy slate at once when %s is muted, and lets go of the source', (_, how) => {
    const a = new FakeSource();
    switcher.set(to(a));
    a.send('a');
    switcher.set(to(a, how));
    a.send('secret');
    expect(shown.at(-1)).toBe('[muted]');
    expect(a.followed).toEqual([]);
    expect(switcher.status.reason).toMatch(/privacy slate/);
    switcher.set(to(a));
    a.send('b');
    expect(shown.at(-1)).toBe('b');
  });
});

describe('a source that is blurred from now on', () => {
  it('is covered by the privacy slate until its first blurred picture', () => {
    const a = new FakeSource();
    switcher.set(to(a));
    a.send('sharp');
    a.conceal();
    expect(shown.at(-1)).toBe('[muted]');
    expect(state()).toBe('pending');
    a.send('blurred');
    expect(shown.slice(-2)).toEqual(['[muted]', 'blurred']);
    expect(state()).toBe('live');
  });

  it('is covered too when another one is awaited, and nothing changes when a slate is shown', () => {
    const [a, b] = [new FakeSource(), new FakeSource()];
    switcher.set(to(a));
    a.conceal();
    expect(shown).toEqual(['[connecting]']);
    a.send('sharp');
    switcher.set(to(b));
    a.conceal();
    expect(shown.at(-1)).toBe('[muted]');
    b.send('b1');
    expect(shown.at(-1)).toBe('b1');
  });
});

describe('a source that was replaced and gives nothing any more', () => {
  it('leaves its picture until the new one has its first, or is too late', () => {
    const [a, b] = [new FakeSource(), new FakeSource()];
    switcher.set(to(a));
    a.send('a1');
    switcher.set(to(b));
    vi.advanceTimersByTime(DEFAULT_TIMING.firstPictureMs - 100);
    expect(shown).toEqual(['[connecting]', 'a1']);
    vi.advanceTimersByTime(200);
    expect(shown.at(-1)).toBe('[connecting]');
    b.send('b1');
    expect(shown.at(-1)).toBe('b1');
  });
});

describe('one who is patient', () => {
  const patient = (): { readonly seen: string[]; readonly one: Switcher } => {
    const seen: string[] = [];
    const one = new Switcher({
      ...{ rendition: DEFAULT_RENDITION, slates, timing: { ...DEFAULT_TIMING }, patient: true },
      onFrame: ({ jpeg }) => seen.push(nameOf(jpeg)),
      onStatus: () => undefined,
    });
    return { seen, one };
  };

  it('gets nothing rather than a slate while the first picture is on its way', () => {
    const { seen, one } = patient();
    const a = new FakeSource();
    one.set(to(a));
    expect(one.latest).toBeUndefined();
    a.send('a1');
    expect(seen).toEqual(['a1']);
    one.dispose();
  });

  it('gets the slate when it takes too long, when the source is away, and when somebody comes who is not patient', () => {
    const { seen, one } = patient();
    one.set(to(new FakeSource()));
    vi.advanceTimersByTime(DEFAULT_TIMING.firstPictureMs);
    expect(seen).toEqual(['[connecting]']);
    one.dispose();
    const away = patient();
    const offline = new FakeSource();
    offline.status = { state: 'offline' };
    away.one.set(to(offline));
    expect(away.seen).toEqual(['[offline]']);
    away.one.dispose();
    const hurried = patient();
    hurried.one.set(to(new FakeSource()));
    hurried.one.hurry();
    expect(hurried.seen).toEqual(['[connecting]']);
    hurried.one.dispose();
  });
});

describe('slates that change', () => {
  it('take the place of those that are shown', () => {
    const changes = new Emitter<void>();
    let own = picture('built-in');
    const seen: string[] = [];
    const one = new Switcher({
      ...{ rendition: DEFAULT_RENDITION, timing: { ...DEFAULT_TIMING } },
      slates: { get: () => own, onChange: changes.event },
      onFrame: (frame) => seen.push(textOf(frame)),
      onStatus: () => undefined,
    });
    one.set(to(null));
    changes.fire();
    own = picture('own');
    changes.fire();
    expect(seen).toEqual(['built-in', 'own']);
    one.dispose();
  });
});
