export * from './builder';
export * from './bytes';
export * from './disk';
export * from './duration';
export * from './outcome';
export * from './prediction';
export * from './reclaim';
export * from './verdict';
