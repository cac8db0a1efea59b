#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Find what is wrong in pages of Markdown, and print it, one finding a line.

    pages.py links PAGE...              links to files and sections that do not exist
    pages.py excerpts PAGE...           yaml, dockerfile and diff blocks that are not part of a file in docker
    pages.py parse PAGE...              blocks that their language cannot parse, or of a language that is not checked
    pages.py lines BINARY PAGE...       command lines of healthprobe that it does not accept
    pages.py messages TABLE PAGE...     messages and summaries, but those of console blocks, that no source or test has
    pages.py openings README PAGE...    pages whose first paragraph does not say for whom they are, or that README does not link
    pages.py blocks KIND DIRECTORY PAGE...
                                        each block of a kind into DIRECTORY/N.KIND, with its page in DIRECTORY/N.page

TABLE is what docs/table prints.
"""

import configparser
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

FENCE = re.compile(r'^( *)```(\w*)\n(.*?)^\1```$', re.M | re.S)


def read(page):
    return pathlib.Path(page).read_text(encoding='utf-8')


def prose(text):
    """A page without its blocks."""
    return FENCE.sub('', text)


def blocks(text, *kinds):
    for indent, kind, body in FENCE.findall(text):
        if kind in kinds:
            yield kind, re.sub(f'^{indent}', '', body, flags=re.M)


# --- links --------------------------------------------------------------------------------------------------------------

def anchors(page):
    seen, found = {}, set()
    for title in re.findall(r'^#+ (.*)$', prose(read(page)), re.M):
        title = re.sub(r'\[([^]]*)\]\([^)]*\)', r'\1', title)
        anchor = re.sub(r'[^\w\- ]', '', title.lower()).replace(' ', '-')
        count = seen[anchor] = seen.get(anchor, -1) + 1
        found.add(f'{anchor}-{count}' if count else anchor)
    return found


def targets(page):
    text = prose(read(page))
    return re.findall(r'\]\(([^) ]+)\)', text) + re.findall(r'(?:src|srcset|href)="([^"]+)"', text)


def links(*pages):
    for page in pages:
        for link in targets(page):
            if re.match(r'(https?|mailto):', link):
                continue
            name, _, section = link.partition('#')
            file = pathlib.Path(page).parent / name if name else pathlib.Path(page)
            if not file.exists() or section and section not in anchors(file):
                yield f'{page}: {link}'


def openings(readme, *pages):
    linked = {os.path.normpath(os.path.join(os.path.dirname(readme), link.partition('#')[0])) for link in targets(readme)}
    for page in pages:
        first = re.match(r'# .*\n\n((?:.+\n)+)', read(page))
        if not first or not re.search(r'\b[Ff]or\b', first.group(1)):
            yield f'{page}: the first paragraph does not say for whom it is'
        if os.path.normpath(page) not in linked:
            yield f'{page}: not linked from {readme}'


# --- blocks -------------------------------------------------------------------------------------------------------------

def write_blocks(kind, directory, *pages):
    count = 0
    for page in pages:
        for _, body in blocks(read(page), kind):
            count += 1
            pathlib.Path(directory, f'{count}.{kind}').write_text(body, encoding='utf-8')
            pathlib.Path(directory, f'{count}.page').write_text(page, encoding='utf-8')
    return ()


def moved(line, by):
    if by >= 0 or not line.strip():
        return ' ' * by + line if line.strip() else ''
    return line[-by:] if line[:-by].isspace() else None


def stands(block, lines):
    """Its lines are in the file in this order, all indented by so much more or less; others may be left out."""
    for by in range(-16, 17):
        rest = iter(lines)
        if all(moved(line, by) in rest for line in block):
            return True
    return False


def excerpts(*pages):
    files = {'yaml': [], 'dockerfile': []}
    for path in pathlib.Path('docker').rglob('*'):
        if 'node_modules' in path.parts or not path.is_file():
            continue
        kind = 'dockerfile' if path.name.startswith('Dockerfile') else {'.yml': 'yaml', '.yaml': 'yaml'}.get(path.suffix)
        if kind:
            files[kind].append(read(path).splitlines())
    for page in pages:
        for kind, body in blocks(read(page), *files, 'diff'):
            block = body.splitlines()
            if kind == 'diff':
                kind, block = 'dockerfile', [line[1:] for line in block if line.startswith('+')]
            if not any(stands(block, lines) for lines in files[kind]):
                yield f'{page}:\n{body}'


def shell(body):
    if '\n$ ' in f'\n{body}':
        body = '\n'.join(line[2:] for line in body.splitlines() if line.startswith('$ '))
    return subprocess.run(['bash', '-n'], input=body, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout


def javascript(body):
    with tempfile.NamedTemporaryFile('w', suffix='.mjs') as file:
        file.write(body)
        file.flush()
        return subprocess.run(['node', '--check', file.name], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout


# Part of an object counts as well.
PARSERS = {'sh': shell, 'console': shell, 'js': javascript, 'python': lambda body: compile(body, 'block', 'exec') and '',
           'json': lambda body: json.loads(body if body.startswith('{') else f'{{{body}}}') and '',
           'ini': lambda body: configparser.ConfigParser().read_string(body)}
CHECKED = {'yaml', 'dockerfile', 'diff', 'text', ''}


def parse(*pages):
    for page in pages:
        for _, kind, body in FENCE.findall(read(page)):
            try:
                problem = '' if kind in CHECKED else PARSERS[kind](body)
            except (KeyError, SyntaxError, ValueError, configparser.Error) as error:
                problem = f'{kind}: {error}'
            if problem:
                yield f'{page}: {problem.strip()}\n{body}'


# --- command lines ------------------------------------------------------------------------------------------------------

STRING = r'"(?:[^"\\]|\\.)*"'
# Names that do not exist, so that the wait goes on.
URLS = {'http': 'http://localhost:8080/up', 'database': 'postgresql://app@db.invalid/app', 'redis': 'redis://cache.invalid',
        'heartbeat': '/tmp/alive'}
# Metavariables, such as DEST, and what was left out make a line a pattern.
PATTERN = re.compile(r'…|(^|[ =])[A-Z]+(\b(?![:=])|=URL)|\[\w')


def of_shell(line):
    """The words behind healthprobe in a line for a shell, if it starts it."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars='|;&<>')
    lexer.whitespace_split, lexer.commenters = True, '#'
    words = list(lexer)
    while words and re.match(r'[A-Z_]+=', words[0]):
        del words[0]
    runs = words[:2] in (['docker', 'exec'], ['docker', 'run'], ['podman', 'exec'], ['podman', 'run'], ['kubectl', 'exec'])
    for i, word in enumerate(words):
        if re.fullmatch(r'(.*/)?healthprobe(-tiny)?', word) and (i == 0 or runs):
            end = next((j for j in range(i, len(words)) if re.fullmatch(r'[|;&<>]+', words[j])), len(words))
            return words[i + 1:end]
    return None


def command_lines(text):
    for _, body in blocks(text, 'sh', 'bash'):
        for line in body.replace('\\\n', ' ').splitlines():
            if 'healthprobe' in line and (words := of_shell(line)) is not None:
                yield line, words
    for first, more in re.findall(rf'("(?:/[\w.-]+)*/healthprobe")((?:,\s*{STRING})*)', text):
        yield first + more, json.loads(f'[{first}{more}]')[1:]
    for line in re.findall(r'(?:/[\w.-]+)+/healthprobe((?:, [^]\s,"]+)+)\]', text):
        yield line, line[2:].split(', ')
    for line in re.findall(r'(?<!`)`(healthprobe [^`]+)`', prose(text)):
        line = line.replace('\\|', '|')
        if not PATTERN.search(line) and line != 'healthprobe wait':
            yield line, of_shell(line)


def value_of(name):
    return '8080' if 'PORT' in name else 'db.invalid' if 'HOST' in name else 'value'


def ready(words, directory):
    """The words with files that exist, and an environment that has the variables which they name."""
    environment = {'DATABASE_URL': URLS['database'], 'REDIS_URL': URLS['redis'], 'TERM': 'dumb'}
    ready_words, flag = [], ''
    for word in words:
        url = URLS.get(flag.removeprefix('--'), '')
        for name in re.findall(r'env:(\w+)', word):
            environment[name] = url or value_of(name)
        if re.search(r'file:/', word):
            file = pathlib.Path(directory, f'file{len(ready_words)}')
            file.write_text(url or 'value', encoding='utf-8')
            word = re.sub(r'file:/[^},"]*', f'file:{file}', word)
        if re.fullmatch(r'--((\w+-)?ca|\w+-cert|\w+-key)', flag):
            word = '/etc/ssl/certs/ca-certificates.crt'
        ready_words.append(word)
        flag = word
    return ready_words, environment


def accepted(binary, words):
    with tempfile.TemporaryDirectory() as directory:
        words, environment = ready(words or ['live'], directory)
        if words[0] == 'install':
            return ''
        if words[-1:] == ['--']:
            words.append('true')
        if words[0] not in ('wait', 'explain', 'help', 'version', '--help', '--version', '-h', '-V'):
            words = ['explain', *words]
        try:
            result = subprocess.run([binary, *words], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                    stderr=subprocess.STDOUT, text=True, timeout=1 if words[0] == 'wait' else 30)
        except subprocess.TimeoutExpired:
            return ''
        refused = result.returncode if words[0] != 'wait' else re.search(r'(reason":"|: )(usage|config)', result.stdout)
        return result.stdout.strip() if refused else ''


def lines(binary, *pages):
    for page in pages:
        for line, words in command_lines(read(page)):
            if problem := accepted(binary, words):
                yield f'{page}: {line}: {problem}'


# --- messages -----------------------------------------------------------------------------------------------------------

CONVERSION = re.compile(r'%[-+ 0#]*(?:\*|\d+)?(?:\.(?:\*|\d+))?(?:hh|h|ll|l|z|j)?[diuxXcsfp]')


def literals():
    """The texts in the C sources; those that follow each other are one."""
    found = set()
    for directory in ('src', 'include', 'tests/unit', 'tests/integration', 'tests/hostile', 'tests/support'):
        for path in pathlib.Path(directory).rglob('*.[ch]'):
            text = re.sub(r'^\s*#\s*include.*$', '', read(path), flags=re.M).replace('\\\n', ' ')
            text = re.sub(r'/\*.*?\*/', ' ', text, flags=re.S)
            for name, value in re.findall(rf'^#define (\w+) +({STRING}(?: *{STRING})*)', text, re.M):
                text = re.sub(rf'(?<!define )\b{name}\b', lambda _: value, text)
            for run in re.findall(rf'{STRING}(?:\s*{STRING})*', text):
                joined = ''.join(part[1:-1] for part in re.findall(STRING, run))
                found.add(re.sub(r'\\(["\\])', r'\1', joined).replace('\\"', '"'))
    return found


def without_numbers(text):
    return re.sub(r'\d+(\.\d+)?', '0', text)


def is_printed(message, texts):
    """Part of a text, but for its numbers, or what a format may give: then enough of it has to be the format's own."""
    for text in texts:
        if without_numbers(message) in without_numbers(text):
            return not CONVERSION.search(message)
        fixed = CONVERSION.split(text.removeprefix('%s: '))
        if len(fixed) > 1 and sum(map(len, fixed)) >= max(12, len(message) / 4) and \
                re.fullmatch('.*'.join(map(re.escape, fixed)), message):
            return True
    return False


def cells(text, heading):
    """The code that the first cells of the tables with this heading begin with."""
    for table in re.findall(rf'^\| {heading} \|.*\n\|[ |:-]+\n((?:\|.*\n)+)', text, re.M):
        for row in table.splitlines():
            cell = re.match(r'\| ((?:[^|\\]|\\.)*?) \|', row).group(1).replace('\\|', '|')
            yield from re.findall(r'^``? ?(.+?) ?``?(?=[^`]|$)', cell)


def messages(table, *pages):
    texts = literals()
    table = json.loads(read(table))
    words = {*table['kinds'], *table['reasons'], *table['phases']}
    for page in pages:
        text = re.sub(r'^```console\n.*?^```$', '', read(page), flags=re.M | re.S)
        for message in cells(text, 'Message'):
            if not is_printed(message, texts):
                yield f'{page}: {message}'
        for said in re.findall(rf'"(?:error|hint|message)":\s*({STRING})', text):
            if not all(is_printed(part, texts) for part in json.loads(said).split('; ')):
                yield f'{page}: {said}'
        for summary in cells(text, 'It says'):
            if any(word not in words and not word.isdigit() for word in summary.split()):
                yield f'{page}: {summary}'


COMMANDS = {'links': links, 'excerpts': excerpts, 'parse': parse, 'lines': lines, 'messages': messages, 'openings': openings,
            'blocks': write_blocks}

if __name__ == '__main__':
    for finding in COMMANDS[sys.argv[1]](*sys.argv[2:]):
        print(finding)
