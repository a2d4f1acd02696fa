export * as flush from './flush';
export * as markAsChanged from './markAsChanged';
