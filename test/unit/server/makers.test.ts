import { expect, it } from 'vitest';
import type { Prediction } from '../../../core/model';
import type { ImageOnEngine } from '../../../core/node/image/imageLibrary';
import { makersOf } from '../../../server/images/makers';

const uri = 'file:///shop/Dockerfile';

/** A Dockerfile with two stages, as far as it is looked at here. */
function dockerfile() {
  const lines: readonly (readonly [stage: string, stageIndex: number, text: string])[] = [
    ['first', 0, 'FROM busybox:1 AS first'],
    ['first', 0, 'COPY src/ /srv/'],
    ['1', 1, 'FROM first'],
    ['1', 1, 'RUN make'],
  ];
  const steps = lines.map(([stage, stageIndex, text], index) => ({
    ...{ stage, stageIndex, text, instruction: text.split(' ')[0] ?? '', line: { start: index + 1, end: index + 1 } },
  }));
  return { uri, prediction: { target: '1', steps } as unknown as Prediction };
}

function image(baseSteps: number): ImageOnEngine {
  const created = ['', 'COPY src/ /srv/ # buildkit', 'RUN /bin/sh -c make # buildkit'];
  return { baseSteps, steps: created.map((createdBy) => ({ createdBy })) } as unknown as ImageOnEngine;
}

it.each([
  ['an image of its own', 1],
  ['the image of an earlier stage, which has a name', 2],
])('steps are those of the instructions when the base is %s', (_, baseSteps) => {
  const makers = makersOf(image(baseSteps), [dockerfile()]);
  expect([...makers]).toEqual([
    [1, { uri, line: 1 }],
    [2, { uri, line: 3 }],
  ]);
});
