import { perCpu } from '../rows/over-http.js';
import { format } from './row-text.js';

const width = 720;
const barHeight = 18;
const gap = 6;
const labelWidth = 270;
const barWidth = width - labelWidth - 80;

/** Bars of what a token seen before costs, by itself and over HTTP. Colours follow the reader's scheme. */
export function speedPicture(releases) {
  const panels = releases.flatMap(({ node, rows }) => [
    panel(`Node ${node}: requests per CPU second; two empty middlewares are 1`, overHttp(rows)),
    panel(`Node ${node}: a token seen before, CPU µs; less is better`, functionLevel(rows)),
  ]);
  let top = 10;
  const parts = panels.map(({ height, draw }) => {
    const part = draw(top);
    top += height;
    return part;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top}" role="img" aria-label="What checking a token costs">
<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600 }
rect { fill: #8c959f }
.ours { fill: #0969da }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  rect { fill: #6e7681 }
  .ours { fill: #4493f8 }
}
</style>
${parts.join('\n')}
</svg>
`;
}

function overHttp(rows) {
  const { lines } = rows.find(({ name }) => name === 'over-http');
  return lines
    .filter(({ name }) => name !== 'two empty middlewares')
    .map(({ name, more }) => ({ name, value: more[perCpu] }))
    .sort((a, b) => b.value - a.value);
}

function functionLevel(rows) {
  const { lines } = rows.find(({ name }) => name === 'seen');
  return lines.map(({ name, median }) => ({ name, value: median })).sort((a, b) => a.value - b.value);
}

function panel(title, bars) {
  const longest = Math.max(...bars.map(({ value }) => value));
  const step = barHeight + gap;
  return {
    height: 30 + bars.length * step + 16,
    draw(top) {
      const lines = bars.map(({ name, value }, i) => {
        const y = top + 30 + i * step;
        const length = Math.max(1, Math.round((value / longest) * barWidth));
        const kind = name.startsWith('express-app-roles') ? ' class="ours"' : '';
        return [
          `<text x="${labelWidth - 8}" y="${y + 14}" text-anchor="end">${escapeXml(shorten(name))}</text>`,
          `<rect${kind} x="${labelWidth}" y="${y}" width="${length}" height="${barHeight}" rx="2"/>`,
          `<text x="${labelWidth + length + 6}" y="${y + 14}">${format(value)}</text>`,
        ].join('');
      });
      return [`<text class="title" x="8" y="${top + 16}">${escapeXml(title)}</text>`, ...lines].join('\n');
    },
  };
}

function shorten(name) {
  return name.replace(/^limit: one SHA-256 .*/, 'limit: SHA-256 and a look-up').replace(' (key given)', '');
}

function escapeXml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
