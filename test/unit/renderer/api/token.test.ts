// @vitest-environment jsdom
import { beforeEach, expect, test } from 'vitest';
import { keepToken, takeToken } from '../../../../renderer/api/token.ts';

const take = (): string | null => takeToken(window.location, window.history, window.sessionStorage);

beforeEach(() => {
  window.sessionStorage.clear();
  window.history.replaceState(null, '', '/');
});

test('the token of the address is kept for the tab and cleaned from the address', () => {
  window.history.replaceState(null, '', '/#token=s%20cret');
  expect(take()).toBe('s cret');
  expect(window.location.hash).toBe('');
  expect(take()).toBe('s cret');
});

test('the rest of the address stays', () => {
  window.history.replaceState(null, '', '/?a=1#token=abc&x=1');
  expect(take()).toBe('abc');
  expect(window.location.search + window.location.hash).toBe('?a=1#x=1');
});

test('without a token there is none', () => {
  window.history.replaceState(null, '', '/#/mixer');
  expect(take()).toBeNull();
  expect(window.location.hash).toBe('#/mixer');
});

test('a token that was entered replaces the former one', () => {
  keepToken(window.sessionStorage, 'new');
  expect(take()).toBe('new');
});
