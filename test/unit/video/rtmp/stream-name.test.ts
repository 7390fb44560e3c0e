import { describe, expect, it } from 'vitest';
import { parseStreamName } from '../../../../electron/video/rtmp/stream-name.ts';

const parse = (app: string | undefined, tcUrl: string | undefined, name: string) => {
  const { query, ...rest } = parseStreamName(app, tcUrl, name);
  return { ...rest, query: query.toString() };
};

describe('parseStreamName', () => {
  it.each([
    ['as ffmpeg and OBS say it', 'live', 'rtmp://h/live', 'desk', ''],
    ['with the port in the URL', 'live', 'rtmp://h:1935/live', 'desk', ''],
    ['with slashes around the app', '/live/', 'rtmp://h/live/', '/desk', ''],
    ['without a tcUrl', 'live', undefined, 'desk', ''],
    ['without an app', undefined, 'rtmp://h:1935/live', 'desk', ''],
    ['with an empty app', '', 'rtmp://h/live', 'desk', ''],
    ['with a quoted URL', undefined, '"rtmp://h/live"', 'desk', ''],
    ['with one quote only', undefined, "'rtmp://h/live", 'desk', ''],
    ['with everything in the app', 'live/desk', 'rtmp://h/live/desk', '', ''],
    ['with everything in the name', '', 'rtmp://h', 'live/desk', ''],
    ['with everything in the URL', undefined, 'rtmp://h/live/desk', '', ''],
    ['with a query in the name', 'live', 'rtmp://h/live', 'desk?token=a', 'token=a'],
    ['with a query in the app', 'live?token=a', 'rtmp://h/live', 'desk', 'token=a'],
    ['with a query in the URL', 'live', 'rtmp://h/live?token=a', 'desk', 'token=a'],
    [
      'with queries everywhere, of which the name wins',
      'live?token=b',
      'rtmp://h/live?token=c&x=1',
      'desk?token=a',
      'token=a&x=1',
    ],
    ['with a percent-encoded name', 'live', undefined, 'd%65sk?token=%61', 'token=a'],
    ['with spaces around', ' live ', undefined, ' desk ', ''],
  ])('understands live/desk %s', (_, app, tcUrl, name, query) => {
    expect(parse(app, tcUrl, name)).toEqual({ app: 'live', name: 'desk', query });
  });

  it('takes the first part for the app and the others for the name', () => {
    expect(parse('a/b', undefined, 'c/d')).toMatchObject({ app: 'a', name: 'b/c/d' });
  });

  it.each([
    ['', undefined, ''],
    [undefined, undefined, '////'],
    ['?x=1', 'not a url at all', '?y'],
    ['%', '%%%', '%zz'],
  ])('never throws: %j %j %j', (app, tcUrl, name) => {
    expect(() => parseStreamName(app, tcUrl, name)).not.toThrow();
  });

  it('leaves alone what is not well encoded', () => {
    expect(parse('live', undefined, '100%')).toMatchObject({ name: '100%' });
  });
});
