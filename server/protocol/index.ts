export * from './messages';
export * from './views';
export * from './images';
