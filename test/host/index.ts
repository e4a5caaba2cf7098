import { writeFileSync } from 'node:fs';
import { mode } from './mode';
import { record } from './reporter';

/** The entry point that the editor's extension host calls: runs the suite and leaves a report. */
export async function run(): Promise<void> {
  const reportPath = process.env['LAYER_INSIGHT_HOST_REPORT'];
  if (reportPath === undefined) throw new Error('LAYER_INSIGHT_HOST_REPORT is not set: run this suite with npm test');
  const { default: Mocha } = await import('mocha');
  // Prints nothing: see record().
  class Silent extends Mocha.reporters.Base {}
  const mocha = new Mocha({ ui: 'bdd', timeout: 60_000, slow: 5_000, reporter: Silent });
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  if (mode === 'restricted') {
    await import('./restricted.test');
  } else {
    await import('./language.test');
    await import('./builds.test');
    await import('./buildCommands.test');
    await import('./otherBuilders.test');
    await import('./lostBuilds.test');
    await import('./surfaces.test');
    await import('./ledger.test');
    await import('./images.test');
    await import('./registry.test');
    await import('./disk.test');
    await import('./containers.test');
    await import('./pastBuilds.test');
    await import('./names.test');
    await import('./builders.test');
    await import('./log.test');
    await import('./recovery.test');
    if (mode === 'vsix') await import('./package.test');
  }
  await new Promise<void>((resolve, reject) => {
    const runner = mocha.run((failures) => {
      writeFileSync(reportPath, JSON.stringify(report));
      if (failures > 0) reject(new Error(`${failures} failed`));
      else resolve();
    });
    const report = record(runner);
  });
}
