import { expect, test } from 'vitest';
import {
  gadgetAddress,
  ingestAddress,
  ingestServer,
  programAddress,
  reachable,
} from '../../../../renderer/cameras/addresses.ts';

test.each([
  ['rtmp://0.0.0.0:1935', 'box.local', 'rtmp://box.local:1935'],
  ['rtmp://[::]:1935', '10.0.0.5', 'rtmp://10.0.0.5:1935'],
  ['rtmp://192.168.1.5:1935', 'box.local', 'rtmp://192.168.1.5:1935'],
  ['rtmp://0.0.0.0:1935', '', 'rtmp://0.0.0.0:1935'],
  ['', 'box.local', ''],
])('%s seen from a page at %s is %s', (address, host, seen) => {
  expect(reachable(address, host)).toBe(seen);
});

test('addresses are those of the public contract', () => {
  expect(ingestServer('rtmp://box:1935/')).toBe('rtmp://box:1935/live');
  expect(ingestAddress('rtmp://box:1935', 'k1')).toBe('rtmp://box:1935/live/k1');
  expect(gadgetAddress('rtmp://box:1935', 'desk', 'a b')).toBe('rtmp://box:1935/gadget/desk?token=a%20b');
  expect(programAddress('rtmp://box:1935', 'program:recorder')).toBe('rtmp://box:1935/program/recorder');
});
