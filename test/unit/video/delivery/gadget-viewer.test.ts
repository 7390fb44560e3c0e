import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GadgetViewer } from '../../../../electron/video/delivery/gadget-viewer.ts';
import { OutputBus } from '../../../../electron/video/delivery/output-bus.ts';
import { DEFAULT_FRAME_LIMITS } from '../../../../electron/video/frames/rendition.ts';
import { Slates } from '../../../../electron/video/frames/slates.ts';
import { FakeSource, FakeViewer } from '../../../support/video-fakes.ts';
import { SLATES_DIR } from '../../../support/video-rig.ts';

const slates = Slates.load(SLATES_DIR);
let source: FakeSource;
let bus: OutputBus;
let link: FakeViewer;
let viewer: GadgetViewer;
const counters = { frames: 0, bytes: 0, dropped: 0 };
beforeEach(() => {
  vi.useFakeTimers();
  Object.assign(counters, { frames: 0, bytes: 0, dropped: 0 });
  source = new FakeSource();
  bus = new OutputBus({ slates, onStatus: () => undefined });
  bus.set({ source: { pictures: source, label: 'Cam', muted: false }, muted: false });
  link = new FakeViewer();
  viewer = new GadgetViewer({
    viewer: link,
    bus,
    limits: DEFAULT_FRAME_LIMITS,
    capBytes: undefined,
    counters,
    onChange: () => undefined,
    onEnd: () => undefined,
  });
});
afterEach(() => {
  viewer.onEnd();
  bus.dispose();
  vi.useRealTimers();
});

const FAR_BEHIND = 10_000_000;
const names = (): string[] => link.pictures.filter((text) => text.length < 10);

describe('a gadget on its link', () => {
  it('gets a picture at once, and at least two a second when nothing changes', () => {
    expect(link.sent.length).toBe(1);
    const before = link.sent.length;
    vi.advanceTimersByTime(10_000);
    expect(link.sent.length - before).toBeGreaterThanOrEqual(20);
  });

  it('never gets more than the newest picture after it was behind', () => {
    source.send('1');
    link.backlogBytes = FAR_BEHIND;
    source.send('2');
    source.send('3');
    source.send('4');
    expect(names()).toEqual(['1']);
    link.backlogBytes = 0;
    viewer.onProgress();
    viewer.onProgress();
    source.send('5');
    expect(names()).toEqual(['1', '4', '5']);
    expect(counters.dropped).toBe(2);
  });

  it('is not sent repeats while it is behind', () => {
    source.send('1');
    link.backlogBytes = FAR_BEHIND;
    const before = link.sent.length;
    vi.advanceTimersByTime(5000);
    expect(link.sent.length).toBe(before);
    expect(viewer.congested).toBe(true);
  });

  it('has a picture that is late bridged by the last one, without a gap of three intervals', () => {
    const times: number[] = [];
    const send = link.send.bind(link);
    link.send = (message) => {
      times.push(performance.now());
      return send(message);
    };
    for (let i = 0; i < 30; i++) {
      source.send(`${i}`);
      vi.advanceTimersByTime(33);
    }
    vi.advanceTimersByTime(300);
    source.send('late');
    const gaps = times.slice(1).map((time, index) => time - times[index]!);
    expect(Math.max(...gaps)).toBeLessThan(100);
  });

  it('sees timestamps that grow strictly, whatever is sent', () => {
    for (let i = 0; i < 50; i++) {
      source.send(`${i}`);
      if (i % 3 === 0) vi.advanceTimersByTime(7);
    }
    vi.advanceTimersByTime(3000);
    const times = link.sent.map(({ timestampMs }) => timestampMs);
    for (let i = 1; i < times.length; i++) expect(times[i]!).toBeGreaterThan(times[i - 1]!);
  });

  it('gets smaller pictures when its link is slow, without a slate between, and full ones again', () => {
    const seconds = (count: number, behind: boolean): void => {
      for (let i = 0; i < count * 30; i++) {
        link.backlogBytes = behind && i % 2 === 0 ? FAR_BEHIND : 0;
        source.send('p');
        vi.advanceTimersByTime(1000 / 30);
      }
    };
    source.send('p');
    const from = link.pictures.length;
    seconds(3, true);
    expect(viewer.reduced).toBe(true);
    expect(source.followed).toEqual(['1280x720@30/2']);
    seconds(25, false);
    expect(viewer.reduced).toBe(false);
    expect(source.followed).toEqual(['1280x720@30']);
    expect(link.pictures.slice(from).every((text) => text === 'p')).toBe(true);
  });

  it('chooses its size, and reports tally and statistics', () => {
    viewer.onCommand('crosspoint.format', [null, { width: 640, height: 480, fps: 30 }]);
    expect(source.followed).toEqual(['640x480@30']);
    viewer.onCommand('crosspoint.tally', [null, { webcam: true, mic: false, speaker: 'yes' }]);
    viewer.onCommand('crosspoint.stats', [
      null,
      { fps: 29.9, temperature: 51, note: 'text', bad: Number.NaN },
    ]);
    expect(viewer.link).toEqual({
      connected: true,
      remoteAddress: '192.0.2.7',
      format: { width: 640, height: 480, fps: 30 },
      tally: { webcam: true, mic: false, speaker: false },
      stats: { fps: 29.9, temperature: 51 },
    });
  });

  const stats = (): void => viewer.onCommand('crosspoint.stats', [null, { fps: 30 }]);

  it('is gone when it goes silent, some seconds after its last report', () => {
    for (let i = 0; i < 5; i++) {
      stats();
      vi.advanceTimersByTime(1000);
    }
    vi.advanceTimersByTime(2000);
    expect(link.closed).toBeUndefined();
    vi.advanceTimersByTime(3000);
    expect(link.closed).toBe('the gadget has gone silent');
  });

  it('is not gone while it acknowledges pictures, or reports seldom, or never did', () => {
    vi.advanceTimersByTime(30_000);
    expect(link.closed).toBeUndefined();
    stats();
    vi.advanceTimersByTime(5000);
    stats();
    vi.advanceTimersByTime(15_000);
    expect(link.closed).toBeUndefined();
    for (let i = 0; i < 20; i++) {
      viewer.onProgress();
      vi.advanceTimersByTime(1000);
    }
    expect(link.closed).toBeUndefined();
  });

  it.each([
    ['crosspoint.format', [null, { width: 'wide', height: 1, fps: 1 }]],
    ['crosspoint.format', [null, { width: 1e9, height: 480, fps: 30 }]],
    ['crosspoint.format', []],
    ['crosspoint.unknown', [null, { x: 1 }]],
  ])('is not put off by a %s that makes no sense', (name, args) => {
    viewer.onCommand(name, args);
    expect(source.followed).toEqual(['1280x720@30']);
    expect(viewer.link.format).toBeUndefined();
  });
});

describe('a gadget whose link carries less', () => {
  const BIG = 'x'.repeat(30_000);

  it('gets no picture that does not fit from now on, and then smaller ones', () => {
    source.send(BIG);
    expect(link.pictures.at(-1)).toBe(BIG);
    viewer.setCap(20_000);
    const before = link.pictures.length;
    source.send('small');
    // Both are followed until the new ones have begun.
    expect(source.followed.some((key) => key.endsWith('<20000'))).toBe(true);
    vi.advanceTimersByTime(2000);
    source.send(BIG);
    vi.advanceTimersByTime(2000);
    expect(link.pictures.slice(before)).not.toContain(BIG);
    expect(link.pictures.slice(before)).toContain('small');
    expect(source.followed).toEqual(['1280x720@30<20000']);
    expect(counters.dropped).toBeGreaterThan(0);
  });
});
