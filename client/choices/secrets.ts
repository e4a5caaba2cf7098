export { looksSecret } from '../../core/model';
