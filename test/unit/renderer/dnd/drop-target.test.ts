import { describe, expect, test } from 'vitest';
import { targetOf } from '../../../../renderer/dnd/drop-target.ts';
import { rigState } from '../../../support/renderer-state.ts';

const video = { sources: ['cam:two'], media: 'video' } as const;
const audio = { sources: ['mic:one'], media: 'audio' } as const;

describe('what is carried', () => {
  test('goes to the destination of a cell or header', () => {
    expect(targetOf(rigState(), video, { place: 'cell', id: 'desk.webcam' })).toMatchObject({
      destination: 'desk.webcam',
      obstacle: null,
    });
  });
  test('goes to the webcam or the mic of a gadget, as it fits', () => {
    expect(targetOf(rigState(), video, { place: 'gadget', id: 'office' })?.destination).toBe('office.webcam');
    expect(targetOf(rigState(), audio, { place: 'gadget', id: 'office' })?.destination).toBe('office.mic');
  });
  test('does not go from sound to pictures, and the reason is told', () => {
    expect(targetOf(rigState(), audio, { place: 'destination', id: 'desk.webcam' })?.obstacle).toBe(
      'Sound cannot go where pictures go',
    );
  });
  test('does not go to what is locked', () => {
    const locked = rigState({ destinations: (d) => ({ ...d, locked: true }) });
    expect(targetOf(locked, video, { place: 'cell', id: 'desk.webcam' })?.obstacle).toBe('Desk is locked');
  });
  test('is at most one picture for one webcam', () => {
    const two = { sources: ['cam:one', 'cam:two'], media: 'video' } as const;
    expect(targetOf(rigState(), two, { place: 'cell', id: 'desk.webcam' })?.obstacle).not.toBeNull();
  });
  test('goes nowhere beside the targets', () => {
    expect(targetOf(rigState(), video, null)).toBeNull();
    expect(targetOf(rigState(), video, { place: 'gadget', id: 'gone' })?.destination).toBeNull();
  });
});
