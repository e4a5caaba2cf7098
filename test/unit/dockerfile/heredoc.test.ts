import { describe, expect, it } from 'vitest';
import { expandHeredocBody, heredocBody, heredocsOfLine, parseHeredocStart } from '../../../core/dockerfile/heredoc';
import { splitDockerfile } from '../../../core/dockerfile/lines';

const heredocs = (text: string) => splitDockerfile(text).value.instructions[0]?.heredocs;

describe('the start of a heredoc', () => {
  it.each([
    ['<<EOF', { name: 'EOF', expand: true, chomp: false }],
    ['<<-EOF', { name: 'EOF', expand: true, chomp: true }],
    ['3<<EOF', { name: 'EOF', expand: true, chomp: false }],
    ['<<"EOF"', { name: 'EOF', expand: false, chomp: false }],
    ["<<E'O'F", { name: 'EOF', expand: false, chomp: false }],
    ["<<-'EOF'", { name: 'EOF', expand: false, chomp: true }],
    ['<<E$X', { name: 'E$X', expand: true, chomp: false }],
  ])('%s is read', (word, expected) => {
    expect(parseHeredocStart(word)).toEqual(expected);
  });

  it.each(['<<', '<EOF', 'x<<EOF', '<<<EOF', '<<""', '<<A B', 'EOF'])('%s is none', (word) => {
    expect(parseHeredocStart(word)).toBeUndefined();
  });
});

describe('the heredocs of a line', () => {
  const names = (line: string) => heredocsOfLine(line).map(({ name }) => name);

  it('may be several, in order', () => {
    expect(names('COPY <<a <<"b" <<-c /d/')).toEqual(['a', 'b', 'c']);
  });

  it('may have a blank before the delimiter', () => {
    expect(names('RUN cat << EOF > x')).toEqual(['EOF']);
  });

  it('are not found in quotes or in words', () => {
    expect(names(`RUN echo "<<EOF" 'a <<EOF' x<<EOF`)).toEqual([]);
  });

  it('are found next to substitutions that only a shell understands', () => {
    expect(names('RUN echo ${X:0:3} <<EOF')).toEqual(['EOF']);
  });

  it('are not looked for when the line cannot be read', () => {
    expect(names('RUN echo "open <<EOF')).toEqual([]);
    expect(names('RUN echo ${X^^} <<EOF')).toEqual([]);
  });
});

describe('the body of a heredoc', () => {
  it('is taken literally: comments, empty lines, continuations and CR', () => {
    expect(heredocs('RUN <<EOF\n# c\n\na \\\r\nEOF\n')).toEqual([
      { name: 'EOF', expand: true, chomp: false, content: '# c\n\na \\\r\n' },
    ]);
  });

  it('ends at a line that is the delimiter, with CR or without', () => {
    expect(heredocs('RUN <<EOF\na\n EOF\nEOF x\nEOF\r\nRUN b\n')?.[0]?.content).toBe('a\n EOF\nEOF x\n');
  });

  it('loses leading tabs with <<-, and its delimiter may have them', () => {
    const [first] = heredocs('RUN <<-EOF\n\t\ta\n \tb\n\t\tEOF\n') ?? [];
    expect(first?.content).toBe('\t\ta\n \tb\n');
    expect(first === undefined ? '' : heredocBody(first)).toBe('a\n \tb\n');
  });

  it('must end', () => {
    expect(splitDockerfile('FROM a\nRUN <<EOF\nb\n').problems).toMatchObject([{ line: 2 }]);
  });

  it('belongs to RUN, COPY, ADD and what ONBUILD holds of them, in shell form', () => {
    for (const command of ['RUN <<E', 'copy <<E /x', 'ADD <<E /x', 'ONBUILD RUN <<E']) {
      expect(heredocs(`${command}\nbody\nE\n`)).toHaveLength(1);
    }
    for (const command of ['CMD cat <<E', 'RUN ["cat", "<<E"]', 'ENV A=<<E', 'ONBUILD ENV A=<<E']) {
      expect(heredocs(`${command}\n`)).toEqual([]);
    }
  });

  it('is expanded with its quotes kept, and with a backslash as escape character', () => {
    expect(expandHeredocBody(`"$V" '$V' \\$V \${U:-x}\n`, new Map([['V', '1']])).value).toBe(`"1" '1' $V x\n`);
  });
});
