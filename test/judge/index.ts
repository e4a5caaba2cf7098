/** The judge: really builds a Dockerfile and says what the builder did. It shares no code with the predictor. */
export { judgeBuild, type BuildOptions, type JudgeReport, type JudgedLine, type Outcome } from './judge.js';
export { removeImage } from './images.js';
export { judgeClassicBuild, removeClassicImages } from './classic.js';
export { judgeBuildahBuild, podmanProgram, removeBuildahImages } from './buildah.js';
