import type { MountKind } from '../llb/op';

/** `RUN --mount` as written, values expanded. */
export interface RunMount {
  readonly type: MountKind;
  readonly from: string;
  readonly source: string;
  readonly target: string;
  readonly readonly: boolean;
  /** Bytes. */
  readonly size: number;
  readonly id: string;
  readonly sharing: string;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  readonly mode: number | undefined;
  /** Variable that a secret is handed over in; empty text is a name, too. */
  readonly env: string | undefined;
  readonly required: boolean;
}

const SIZE_UNITS = ['b', 'k', 'm', 'g', 't', 'p'];

/** Splits comma-separated fields with CSV quoting. */
function fields(text: string): string[] {
  const found: string[] = [];
  let field = '';
  let quoted = false;
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (quoted) {
      if (character !== '"') field += character;
      else if (text.charAt(index + 1) === '"') field += text.charAt(++index);
      else quoted = false;
    } else if (character === '"' && field === '') quoted = true;
    else if (character === ',') {
      found.push(field);
      field = '';
    } else field += character;
  }
  found.push(field);
  return found;
}

/** The owner or the mode of what a mount shows was given. */
export function hasOwner({ uid, gid, mode }: RunMount): boolean {
  return uid !== undefined || gid !== undefined || mode !== undefined;
}

/** Only secrets and SSH agents can be required. */
function isGrant(type: MountKind): boolean {
  return type === 'secret' || type === 'ssh';
}

function parseBoolean(value: string): boolean | undefined {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(value)) return true;
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(value)) return false;
  return undefined;
}

/** The `from` of a `--mount` as written: which stages a stage needs is decided before anything is expanded. */
export function mountSource(text: string): string {
  const from = fields(text).filter((field) => /^from=/i.test(field));
  return from.at(-1)?.slice('from='.length) ?? '';
}

/** Reads the options of one `--mount`; `expand` is applied to every value (instructions/commands_runmount.go parseMount). */
export function parseMount(
  text: string,
  expand: (value: string) => { value: string; error?: string },
): { mount?: RunMount; error?: string } {
  let type: MountKind = 'bind';
  const values: Record<string, string> = {};
  let readonly: boolean | undefined;
  let required = false;
  const owner: { uid?: number; gid?: number; mode?: number } = {};

  for (const field of fields(text)) {
    const equals = field.indexOf('=');
    const key = (equals < 0 ? field : field.slice(0, equals)).toLowerCase();
    if (equals < 0) {
      if (key === 'readonly' || key === 'ro') readonly = true;
      else if (key === 'readwrite' || key === 'rw') readonly = false;
      else if (key !== 'required') return { error: `invalid field '${field}' must be a key=value pair` };
      else if (!isGrant(type)) return { error: `unexpected key '${key}' for mount type '${type}'` };
      else required = true;
      continue;
    }
    const raw = field.slice(equals + 1);
    const expanded = expand(raw);
    if (expanded.error !== undefined) return { error: expanded.error };
    const value = expanded.value;
    switch (key) {
      case 'type': {
        const kind = value.toLowerCase();
        if (kind !== 'bind' && kind !== 'cache' && kind !== 'tmpfs' && kind !== 'secret' && kind !== 'ssh') {
          return { error: `unsupported mount type "${value}"` };
        }
        type = kind;
        break;
      }
      case 'readonly':
      case 'ro':
      case 'readwrite':
      case 'rw': {
        const flag = parseBoolean(value);
        if (flag === undefined) return { error: `invalid value for ${key}: ${value}` };
        readonly = key.startsWith('reado') || key === 'ro' ? flag : !flag;
        break;
      }
      case 'from':
        if (raw.slice(0, -1).includes('$'))
          return { error: "'from' doesn't support variable expansion, define alias stage instead" };
        values['from'] = value;
        break;
      case 'src':
      case 'source':
        values['source'] = value;
        break;
      case 'dst':
      case 'target':
      case 'destination':
        values['target'] = value;
        break;
      case 'mode':
      case 'uid':
      case 'gid': {
        const number = parseNumber(value, key === 'mode' ? 8 : 10);
        if (number === undefined) return { error: `invalid value ${value} for ${key}` };
        owner[key] = number;
        break;
      }
      case 'size':
        // the type must come first
        if (type !== 'tmpfs') return { error: `unexpected key '${key}' for mount type '${type}'` };
        values[key] = value;
        break;
      case 'required': {
        if (!isGrant(type)) return { error: `unexpected key '${key}' for mount type '${type}'` };
        const flag = parseBoolean(value);
        if (flag === undefined) return { error: `invalid value for ${key}: ${value}` };
        required = flag;
        break;
      }
      case 'sharing':
        if (!['shared', 'private', 'locked'].includes(value.toLowerCase())) {
          return { error: `unsupported sharing value "${value}"` };
        }
        values[key] = value;
        break;
      case 'id':
      case 'env':
        values[key] = value;
        break;
      default:
        return { error: `unexpected key '${key}' in '${field}'` };
    }
  }
  const size = parseSize(values['size'] ?? '0');
  if (size === undefined) return { error: `invalid value for size: ${values['size'] ?? ''}` };
  if (Object.keys(owner).length > 0 && (type === 'bind' || type === 'tmpfs')) {
    return { error: `mode, uid and gid are not allowed for "${type}" type mounts` };
  }
  if (values['sharing'] !== undefined && type !== 'cache') {
    return { error: `invalid cache sharing set for ${type} mount` };
  }
  if (type === 'secret') {
    if (values['from'] !== undefined && values['from'] !== '') {
      return { error: 'secret mount should not have a from' };
    }
    const { source = '', target = '', id = '' } = values;
    if (source === '' && target === '' && id === '') {
      return { error: 'invalid secret mount. one of source, target required' };
    }
    if (source !== '' && id !== '') return { error: "both source and id can't be set" };
  }
  return {
    mount: {
      type,
      from: values['from'] ?? '',
      source: values['source'] ?? '',
      target: values['target'] ?? '',
      readonly: readonly ?? (type !== 'cache' && type !== 'tmpfs'),
      size,
      id: values['id'] ?? '',
      sharing: (values['sharing'] ?? 'shared').toLowerCase(),
      uid: owner.uid,
      gid: owner.gid,
      mode: owner.mode,
      env: values['env'],
      required,
    },
  };
}

/** An unsigned number of 32 bits; undefined when it is none. */
function parseNumber(text: string, radix: 8 | 10): number | undefined {
  if (!(radix === 8 ? /^[0-7]+$/ : /^\d+$/).test(text)) return undefined;
  const number = parseInt(text, radix);
  return number > 0xffffffff ? undefined : number;
}

/** Bytes of `64m`, `1.5GiB`; powers of 1024 (docker/go-units RAMInBytes). Undefined when it is no size. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?([bkmgtp])?(?:i?b)?$/i.exec(text);
  if (match === null) return undefined;
  const power = Math.max(0, SIZE_UNITS.indexOf((match[2] ?? 'b').toLowerCase()));
  return Math.floor(Number(match[1]) * 1024 ** power);
}
