export * from './buildHistory';
export * from './builds';
export * from './containers';
export * from './disk';
export * from './fileProfiles';
export * from './images';
export * from './messages';
export * from './views';
