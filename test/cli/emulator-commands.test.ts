import { createLocalEntra, type LocalEntra } from 'express-app-roles/emulator';
import { beforeEach, describe, expect, it } from 'vitest';
import { describeCommands, describeLogEntry, runCommand } from '../../src/cli/emulator-commands.js';

let entra: LocalEntra;
beforeEach(() => {
  entra = createLocalEntra({ directory: { applications: [{ displayName: 'API' }, { displayName: 'Script' }] } });
});

describe('commands', () => {
  it.each([
    ['outage', { kind: 'outage', as: 503 }, 'Answering 503, until you type end.'],
    ['outage 500', { kind: 'outage', as: 500 }, 'Answering 500, until you type end.'],
    ['  OUTAGE   Refused  2m ', { kind: 'outage', as: 'refused' }, 'Dropping every connection, for 120 s.'],
    ['outage 30s', { kind: 'outage', as: 503 }, 'Answering 503, for 30 s.'],
    ['html 1h', { kind: 'html' }, 'Answering with a web page, for 3600 s.'],
    ['slow 2.5s', { kind: 'slow', seconds: 2.5 }, 'Answering after 2.5 s, until you type end.'],
  ])('%s', (line, fault, answer) => {
    expect(runCommand(entra, line)).toBe(answer);
    expect(entra.faults.current).toEqual(fault);
    expect(runCommand(entra, 'status')).toContain(answer.split(',')[0]);
    expect(runCommand(entra, 'end')).toBe('All is well.');
    expect(entra.faults.current).toBeUndefined();
  });

  it.each([
    'outage 404',
    'outage 503 30',
    'slow 5',
    'outage 503 soon',
    'outage 503 -5s',
    'outage 503 5s 5s',
    'slow',
    'slow 0',
    'slow 700s',
    'html now',
    'skew',
    'skew later',
    'rollover later',
    'rollover now now',
    'withdraw it',
    'end it',
    'status all',
    'log many',
  ])('%s: says how it is written, and changes nothing', (line) => {
    const { kid } = entra.keys.signing;
    expect(runCommand(entra, line)).toBe(
      `${line.split(' ')[0]} is written: ${
        describeCommands()
          .split('\n')
          .find((each) => each.startsWith(`  ${line.split(' ')[0]}`))
          ?.trim()
          .split(/ {2,}/)[0]
      }`,
    );
    expect(entra.faults.current).toBeUndefined();
    expect(entra.keys.signing.kid).toBe(kid);
  });

  it.each(['', '   '])('nothing: nothing', (line) => {
    expect(runCommand(entra, line)).toBe('');
  });

  it.each(['nonsense', 'constructor', '__proto__'])('%s: names those that there are', (line) => {
    expect(runCommand(entra, line)).toMatch(/^There is no command ".*"\. The commands are rollover, .*, help\.$/);
  });

  it('roll keys over and withdraw them', () => {
    const first = entra.keys.signing.kid;
    runCommand(entra, 'rollover');
    expect(entra.keys.published.map(({ kid }) => kid)).toEqual([entra.keys.signing.kid, first]);
    runCommand(entra, 'rollover now');
    expect(entra.keys.published).toEqual([entra.keys.signing]);
    const { kid } = entra.keys.signing;
    expect(runCommand(entra, 'withdraw')).toContain(`Withdrew ${kid}; signing with ${entra.keys.signing.kid}`);
    expect(entra.keys.published.map((key) => key.kid)).not.toContain(kid);
  });

  it('move the clock', () => {
    const ahead = () => Math.round((entra.clock.now() - Date.now()) / 1000);
    runCommand(entra, 'skew 10m');
    expect(ahead()).toBe(600);
    expect(runCommand(entra, 'status')).toContain('The clock is 600 s ahead.');
    runCommand(entra, 'skew -2h');
    expect(ahead()).toBe(-7200);
    runCommand(entra, 'skew 0');
    expect(runCommand(entra, 'status')).not.toContain('clock');
  });

  it('show the log', () => {
    expect(runCommand(entra, 'log')).toBe('Nothing yet.');
    entra.applicationToken({ client: 'Script', resource: 'API' });
    entra.log.add({ event: 'refused', method: 'GET', path: '/a', code: 403, error: 'x' });
    const lines = runCommand(entra, 'log').split('\n');
    expect(lines).toEqual(entra.log.entries.map(describeLogEntry));
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d issued to [0-9a-f-]{36} for [0-9a-f-]{36}: application, no permission$/);
    expect(runCommand(entra, 'log 1')).toBe(lines[1]);
  });
});
