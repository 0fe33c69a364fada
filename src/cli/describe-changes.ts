import { styleText } from 'node:util';
import type { Change, Finding } from '../registration/index.js';

const signs = {
  create: ['+', 'green'],
  enable: ['+', 'green'],
  update: ['~', 'yellow'],
  disable: ['-', 'red'],
  narrow: ['-', 'red'],
  remove: ['-', 'red'],
} as const;

/** A line for each change, and another for whom it touches. */
export function describeChanges(changes: readonly Change[]): string {
  return changes
    .map(({ action, of, value, message, touches }) => {
      const [sign, colour] = signs[action];
      const whom = touches === undefined ? '' : `\n      touches ${touches}`;
      return `  ${paint(colour, `${sign} ${action} ${of} ${value}`)}: ${message}${whom}`;
    })
    .join('\n');
}

export function describeFindings(findings: readonly Finding[]): string {
  return findings.map(({ message, blocks }) => `  ${blocks ? paint('red', '!') : '·'} ${message}`).join('\n');
}

/** Colours are for a terminal, and for those who want them (no-color.org). */
function paint(colour: 'green' | 'yellow' | 'red', text: string): string {
  return process.stdout.isTTY && !process.env.NO_COLOR ? styleText(colour, text) : text;
}
