/**
 * Where a packed Electron app keeps what does not go into its archive; elsewhere none.
 * https://www.electronjs.org/docs/latest/api/process#processresourcespath-readonly
 */
export function resources(): readonly string[] {
  const { resourcesPath } = process as { readonly resourcesPath?: unknown };
  return typeof resourcesPath === 'string' ? [resourcesPath] : [];
}
