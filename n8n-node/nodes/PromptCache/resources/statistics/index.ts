export * as get from './get';
