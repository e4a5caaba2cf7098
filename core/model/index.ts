export * from './builder';
export * from './bytes';
export * from './duration';
export * from './imageName';
export * from './outcome';
export * from './prediction';
export * from './verdict';
