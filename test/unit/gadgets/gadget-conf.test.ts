import { expect, test } from 'vitest';
import { GadgetId } from '../../../electron/contract/index.ts';
import { formatGadgetConf, type GadgetConf } from '../../../electron/gadgets/gadget-conf.ts';

const DESK: GadgetConf = {
  id: GadgetId.parse('desk'),
  label: 'Desk',
  token: 'abc',
  rtmp: { host: '192.168.1.5', port: 1935 },
  sound: { host: 'fe80::1', port: 4713 },
  maxFrameBytes: 100_000,
  audioTargetMs: 20,
};
const valueOf = (text: string, key: string): string | undefined =>
  new RegExp(`^${key}=(.*)$`, 'm').exec(text)?.[1];

test('tells a gadget where its picture and its two buses are', () => {
  const text = formatGadgetConf(DESK);
  expect(valueOf(text, 'rtmp_url')).toBe('rtmp://192.168.1.5:1935/gadget/desk?token=abc');
  expect(valueOf(text, 'pulse_server')).toBe('tcp:[fe80::1]:4713');
  expect(valueOf(text, 'pulse_sink')).toBe('crosspoint.desk.return');
  expect(valueOf(text, 'pulse_source')).toBe('crosspoint.desk.mic.monitor');
});

test.each([
  [20_000, 'safe'],
  [50_000, 'safe'],
  [100_000, 'normal'],
  [150_000, 'fast'],
])('pictures of up to %d bytes take the USB budget %s', (maxFrameBytes, budget) => {
  expect(valueOf(formatGadgetConf({ ...DESK, maxFrameBytes }), 'budget')).toBe(budget);
});

test('has the keys that the programs on the gadget read', async () => {
  const { readFile } = await import('node:fs/promises');
  const shipped = await readFile('native/gadget/etc/gadget.conf', 'utf8');
  const keys = (text: string): string[] => [...text.matchAll(/^(\w+)=/gm)].map(([, key]) => key!).sort();
  expect(keys(formatGadgetConf(DESK))).toEqual(keys(shipped));
});

test.each([
  ['a\nrtmp_url=evil', 'a rtmp_url=evil'],
  ['Büro im zweiten Stock links', 'Büro im zweiten Stock'],
  ['日本語のとても長い名前です', '日本語のとても'],
  ['\t', 'Crosspoint'],
])('the label %j stays one line that USB takes', (label, wanted) => {
  const text = formatGadgetConf({ ...DESK, label });
  expect(valueOf(text, 'label')).toBe(wanted);
  expect(text.split('\n')).toHaveLength(9);
});

test('a host that would break out is refused', () => {
  expect(() => formatGadgetConf({ ...DESK, rtmp: { host: 'a\nb', port: 1 } })).toThrow(
    /not the name or address/,
  );
});
