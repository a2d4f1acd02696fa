export * as bumpVersion from './bumpVersion';
export * as flush from './flush';
