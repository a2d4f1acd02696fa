export * as accept from './accept';
export * as deleteAnswer from './delete';
export * as getMany from './getMany';
export * as invalidate from './invalidate';
export * as lookUp from './lookUp';
export * as reject from './reject';
export * as store from './store';
