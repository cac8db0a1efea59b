# SPDX-License-Identifier: MIT
"""A terminal's output as a picture."""

import html
import re

# Of a light and of a dark terminal: the background, the text, the frame, and the colours of SGR that reports use.
THEMES = {
    'light': {'back': '#ffffff', 'text': '#1f2328', 'frame': '#d1d9e0',
              31: '#cf222e', 32: '#1a7f37', 33: '#9a6700', 2: '#59636e'},
    'dark': {'back': '#0d1117', 'text': '#e6edf3', 'frame': '#3d444d',
             31: '#ff7b72', 32: '#3fb950', 33: '#d29922', 2: '#9198a1'},
}
LINE, COLUMN, MARGIN = 20, 8.1, 16


def spans(line, theme):
    """Each stretch of a line with one look as an element."""
    look, column, made = [], 0, ''
    for codes, text in re.findall(r'(?:\x1b\[([\d;]*)m)?([^\x1b]*)', line):
        if codes:
            look = [int(code) for code in codes.split(';')] if codes != '0' else []
        if not text:
            continue
        colour = next((theme[code] for code in look if code in theme), theme['text'])
        bold = ' font-weight="bold"' if 1 in look else ''
        made += f'<tspan x="{MARGIN + column * COLUMN:g}" fill="{colour}"{bold}>{html.escape(text)}</tspan>'
        column += len(text)
    return made


def svg(command, output, theme):
    """What a terminal shows after a command, in light or dark."""
    theme = THEMES[theme]
    lines = [f'\x1b[2m$\x1b[0m {command}', *output.rstrip().splitlines()]
    width = 2 * MARGIN + COLUMN * max(len(re.sub(r'\x1b\[[\d;]*m', '', line)) for line in lines)
    rows = ''.join(f'<text y="{MARGIN + 14 + LINE * i}">{spans(line, theme)}</text>\n' for i, line in enumerate(lines) if line)
    size = f'width="{width:.0f}" height="{2 * MARGIN + LINE * len(lines)}"'
    font = 'font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="13.5"'
    return f'''<!-- SPDX-License-Identifier: MIT; made by tools/docs -->
<svg xmlns="http://www.w3.org/2000/svg" {size} {font} xml:space="preserve" style="white-space: pre">
<rect x="0.5" y="0.5" width="99.9%" height="99.6%" rx="6" fill="{theme['back']}" stroke="{theme['frame']}"/>
{rows}</svg>
'''
