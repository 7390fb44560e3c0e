import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { moduleArguments, quoteProperties } from '../../../../electron/audio/pulse/module-arguments.ts';
import { amplitudeOfRaw, dbOfRaw, rawOfAmplitude, rawOfDb } from '../../../../electron/audio/pulse/volume.ts';
import { bytesOfMs, channelMap, wireSpec } from '../../../../electron/audio/pulse/stream-format.ts';

describe('volumes', () => {
  it.each([
    [0, 65_536],
    [-6, 52_057],
    [-20, 30_419],
    [6, 82_505],
    [10, 96_194],
    [-100, 0],
    [-140, 0],
    [30, 141_193],
  ])('%d dB is %d', (db, raw) => {
    expect(rawOfDb(db)).toBe(raw);
  });

  it('come back within a hundredth of a dB where one can hear it', () => {
    fc.assert(
      fc.property(fc.double({ min: -60, max: 10, noNaN: true }), (db) => {
        expect(dbOfRaw(rawOfDb(db))).toBeCloseTo(db, 1);
        expect(rawOfAmplitude(amplitudeOfRaw(rawOfDb(db)))).toBe(rawOfDb(db));
      }),
    );
    expect(dbOfRaw(0)).toBe(-100);
  });
});

describe('module arguments', () => {
  it('are plain where they can be', () => {
    expect(moduleArguments({ sink: 'a.b', latency_msec: 10, dont: true }, 'pulseaudio')).toBe(
      'sink=a.b latency_msec=10 dont=true',
    );
  });

  it('quote names of other people’s devices, or refuse them', () => {
    expect(moduleArguments({ source: 'My "mic" \\' }, 'pulseaudio')).toBe('source="My \\"mic\\" \\\\"');
    expect(moduleArguments({ source: 'My mic' }, 'pipewire')).toBe('source="My mic"');
    expect(() => moduleArguments({ source: 'My "mic"' }, 'pipewire')).toThrow(TypeError);
    expect(() => moduleArguments({ source: 'a\nload-module x' }, 'pulseaudio')).toThrow(TypeError);
  });

  it('cannot be broken out of by a label, on either server', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), (label) => {
        const pipewire = quoteProperties({ 'device.description': label }, 'pipewire');
        expect(pipewire).toMatch(/^"device\.description='[^'"\\{}[\]]*'"$/);
        const pulse = quoteProperties({ 'device.description': label }, 'pulseaudio');
        // Inside the quotes, every quote and backslash has a backslash of its own.
        expect(pulse).toMatch(/^"device\.description='(?:[^'"\\]|\\['"\\])*'"$/);
      }),
    );
  });
});

describe('PCM formats', () => {
  it('count whole frames', () => {
    expect(bytesOfMs({ format: 'float32le', channels: 2, rateHz: 48_000 }, 10)).toBe(3840);
    expect(bytesOfMs({ format: 's16le', channels: 1, rateHz: 44_100 }, 0.01)).toBe(0);
  });
  it('have a channel map as long as their channels', () => {
    for (const channels of [1, 2, 6]) expect(channelMap(channels)).toHaveLength(channels);
  });
  it('refuse impossible channels', () => {
    for (const channels of [0, 33, 1.5])
      expect(() => wireSpec({ format: 's16le', channels, rateHz: 1 })).toThrow();
  });
});
