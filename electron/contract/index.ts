export * from './bridge.ts';
export * from './commands.ts';
export * from './config.ts';
export * from './errors.ts';
export * from './events.ts';
export * from './gain.ts';
export * from './ids.ts';
export * from './status.ts';
