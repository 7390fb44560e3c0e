import { describe, expect, it } from 'vitest';
import {
  DEFAULT_FRAME_LIMITS,
  rateControl,
  renditionFor,
  renditionKey,
  renditionOfFormat,
} from '../../../../electron/video/frames/rendition.ts';

describe('who looks', () => {
  it.each([
    [{}, '1280x720@30'],
    [{ width: 1280 }, '1280x720@30'],
    [{ width: 1920, fps: 10 }, '1280x720@15'],
    [{ width: 800 }, '640x360@30'],
    [{ width: 320 }, '320x180@5'],
    [{ width: 100 }, '320x180@5'],
    [{ width: 320, fps: 30 }, '320x180@30'],
    [{ fps: 1 }, '1280x720@5'],
    [{ fps: 60 }, '1280x720@30'],
  ])('%j gets %s', (options, key) => {
    expect(renditionKey(renditionFor(options))).toBe(key);
  });
});

describe('what a client negotiated', () => {
  it.each([
    [{ width: 640, height: 480, fps: 30 }, '640x480@30'],
    [{ width: 640, height: 360, fps: 14.99 }, '640x360@15'],
    [{ width: 1280, height: 720, fps: 29.97 }, '1280x720@30'],
  ])('%j becomes %s', (format, key) => {
    expect(renditionKey(renditionOfFormat(format)!)).toBe(key);
  });

  it.each([
    { width: 0, height: 480, fps: 30 },
    { width: 641, height: 480, fps: 30 },
    { width: 99999, height: 480, fps: 30 },
    { width: 640, height: Number.NaN, fps: 30 },
    { width: 640, height: 480, fps: 0 },
  ])('%j makes no sense and is left alone', (format) => {
    expect(renditionOfFormat(format)).toBeUndefined();
  });
});

describe('the rate control of an encoder', () => {
  it('has a buffer of one frame, which no frame can exceed, below the cap', () => {
    const rate = rateControl({ width: 1280, height: 720, fps: 30 }, DEFAULT_FRAME_LIMITS);
    expect(rate.bufferBits / 8).toBeLessThanOrEqual(DEFAULT_FRAME_LIMITS.capBytes);
    expect(rate.maxBitsPerSecond).toBe(rate.bufferBits * 30);
    expect(rate.averageBitsPerSecond).toBeLessThan(rate.maxBitsPerSecond);
  });
});
