const SPECIAL = /[?*[\]{}]/;

export const isPattern = (address: string): boolean => SPECIAL.test(address);

/** One part of a pattern (between slashes) as a regular expression's text; null: it is malformed and matches nothing. */
function partSource(part: string): string | null {
  let source = '';
  for (let at = 0; at < part.length; at++) {
    const character = part[at] ?? '';
    if (character === '?') source += '[^/]';
    // Never two in a row: `**` would make matching take for ever.
    else if (character === '*') source += source.endsWith('[^/]*') ? '' : '[^/]*';
    else if (character === '[' || character === '{') {
      const end = part.indexOf(character === '[' ? ']' : '}', at);
      if (end < 0) return null;
      const inside = part.slice(at + 1, end);
      at = end;
      if (character === '{') source += `(?:${inside.split(',').map(literal).join('|')})`;
      else if (inside === '' || inside === '!') return null;
      else {
        const not = inside.startsWith('!');
        source += `[${not ? '^/' : ''}${setSource(inside.slice(not ? 1 : 0))}]`;
      }
    } else source += literal(character);
  }
  return source;
}

const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** `a-z` is a range when it goes up; a dash at the end is a dash. */
function setSource(inside: string): string {
  return inside.replace(/([^])-([^])|([^])/g, (_, from?: string, to?: string, single?: string) =>
    from === undefined || to === undefined
      ? literal(single ?? '')
      : from <= to
        ? `${literal(from)}-${literal(to)}`
        : literal(`${from}-${to}`),
  );
}

const MAX_STARS = 4;

/**
 * A test for addresses, as "OSC Message Dispatching and Pattern Matching" of OSC 1.0 has it: `?`, `*`, `[a-z]`, `[!a]`,
 * `{foo,bar}`; none of them matches a slash. A pattern with many stars in one part matches nothing: it would cost too much.
 */
export function matcher(pattern: string): (address: string) => boolean {
  const sources = pattern.split('/').map((part) => {
    const source = partSource(part);
    return source !== null && source.split('[^/]*').length - 1 > MAX_STARS ? null : source;
  });
  if (sources.includes(null)) return () => false;
  const expression = new RegExp(`^${sources.join('/')}$`, 'u');
  return (address) => expression.test(address);
}
