import { describe, expect, it } from 'vitest';
import { splitDockerfile } from '../../../core/dockerfile/lines';

const directives = (text: string) => splitDockerfile(text).value.directives;

describe('parser directives', () => {
  it('are read from the first lines, in any case and spacing', () => {
    expect(directives('#syntax=docker/dockerfile:1\n# ESCAPE = `\n# check=skip=all\nFROM a\n')).toEqual({
      syntax: 'docker/dockerfile:1',
      escape: '`',
      check: 'skip=all',
    });
  });

  it('end at the first comment, empty line or instruction', () => {
    for (const first of ['# a comment', '', 'FROM a', '# unknown=1']) {
      expect(directives(`${first}\n# escape=\`\nFROM b\n`)).toEqual({});
    }
  });

  it('are read in a CRLF file and after a byte order mark', () => {
    expect(directives('\uFEFF# escape=`\r\nFROM a\r\n')).toEqual({ escape: '`' });
  });

  it('must not be repeated', () => {
    const { problems } = splitDockerfile('# escape=`\n# escape=`\nFROM a\n');
    expect(problems).toEqual([
      { code: 'bad-instruction', message: 'only one escape parser directive can be used', line: 2 },
    ]);
  });

  it('allow only a backslash or a backtick as escape character', () => {
    expect(splitDockerfile('# escape=x\nFROM a\n').problems).toHaveLength(1);
    expect(splitDockerfile('# escape=\\\nFROM a\n').problems).toEqual([]);
  });
});
