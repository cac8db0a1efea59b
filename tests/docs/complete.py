#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Ask a real shell what it would complete.

    complete.py bash|zsh|fish DIRECTORY <LINES

Each line is typed into an interactive shell that has the completion in DIRECTORY, and the tab key is pressed after it.
What the shell then offers is printed, sorted and joined by spaces, one line for each.
"""

import os
import pathlib
import pty
import select
import subprocess
import sys
import tempfile
import time

LIMIT_S = 60

BASH = '''
PS1='READY> '
source {directory}/healthprobe.bash
asked() {{
    _healthprobe "$@"
    printf '%s\\n' "${{COMPREPLY[@]}}" >{work}/new
    mv {work}/new {work}/found
    COMPREPLY=()
}}
complete -F asked healthprobe
'''

# The matches of compadd are those that are offered; functions of zsh call it with -O, -A and -D to look only.
ZSH = '''
PS1='READY> '
unsetopt zle_bracketed_paste 2>/dev/null
fpath=({directory} $fpath)
autoload -Uz compinit
compinit -u -d {work}/dump
compadd() {{
    local -a hits
    if [[ ${{@[1,(i)(-|--)]}} == *-(O|A|D)\\ * ]]; then
        builtin compadd "$@"
        return
    fi
    builtin compadd -A hits "$@"
    (( $#hits )) && print -l -- $hits >>{work}/new
    builtin compadd "$@"
}}
told() {{ touch {work}/new; command mv {work}/new {work}/found }}
before() {{ comppostfuncs=(told) }}
compprefuncs=(before)
ask() {{ compprefuncs=(before); zle complete-word }}
zle -N ask
bindkey '^I' ask
'''


def interactive(command, setup, work, lines):
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(HOME=str(work), TERM='dumb', LC_ALL='C.UTF-8', INPUTRC='/dev/null')
        os.execvp(command[0], command)

    def wait(done, what):
        end = time.monotonic() + LIMIT_S
        seen = b''
        while not done(seen):
            if time.monotonic() > end:
                sys.exit(f'{what}: nothing within {LIMIT_S} s; seen: {seen!r}')
            if select.select([terminal], [], [], 0.02)[0]:
                seen += os.read(terminal, 65536)

    (work / 'setup').write_text(setup)
    os.write(terminal, f'. {work}/setup\n'.encode())
    wait(lambda seen: b'READY> ' in seen, 'the shell')
    found = work / 'found'
    for line in lines:
        os.write(terminal, line.encode() + b'\t')
        wait(lambda seen: found.exists(), line)
        print(*sorted(set(found.read_text().split('\n')) - {''}))
        found.unlink()
        # Away with the line, whatever the shell made of it.
        os.write(terminal, b'\x05\x15\n')
        wait(lambda seen: b'READY> ' in seen, 'the next line')
    os.kill(pid, 9)
    os.waitpid(pid, 0)


def fish(directory, work, lines):
    for line in lines:
        script = f'source {directory}/healthprobe.fish; complete -C "$argv"'
        found = subprocess.run(['fish', '--no-config', '-c', script, line], env={**os.environ, 'HOME': str(work)},
                               stdout=subprocess.PIPE, text=True, check=True, timeout=LIMIT_S)
        print(*sorted({match.split('\t')[0] for match in found.stdout.splitlines()}))


def main():
    shell, directory = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    lines = sys.stdin.read().splitlines()
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        if shell == 'bash':
            script = BASH.format(directory=directory, work=work)
            interactive(['bash', '--norc', '--noprofile', '-i'], script, work, lines)
        elif shell == 'zsh':
            interactive(['zsh', '-f', '-i'], ZSH.format(directory=directory, work=work), work, lines)
        else:
            fish(directory, work, lines)


main()
