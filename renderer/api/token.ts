const KEY = 'crosspoint.token';

/**
 * The token of this browser tab: from `#token=…` of the address (which is then cleaned, so that it does not end up
 * in bookmarks), else what the tab already had.
 */
export function takeToken(location: Location, history: History, storage: Storage): string | null {
  const match = /(?:^#|&)token=([^&]+)/.exec(location.hash);
  if (match?.[1] !== undefined) {
    storage.setItem(KEY, decodeURIComponent(match[1]));
    const rest = location.hash.replace(/token=[^&]+&?/, '').replace(/[#&]$/, '');
    history.replaceState(null, '', location.pathname + location.search + rest);
  }
  return storage.getItem(KEY);
}

export const keepToken = (storage: Storage, token: string): void => storage.setItem(KEY, token);
