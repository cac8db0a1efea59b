# SPDX-License-Identifier: MIT
"""Shared by the benchmark and the test of instruction counts."""

import glob
import itertools
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.join(ROOT, "build", "bench")
SYSTEM_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
BUNDLES = (145, 1000)  # numbers of roots; the first is Debian 12's and the servers' own


def say(text):
    print(f"# {text}", file=sys.stderr, flush=True)


def must(command, **more):
    """The output of a command that must succeed."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, **more)
    if done.returncode != 0:
        sys.exit(f"{command[0]} ended with {done.returncode}: {done.stderr.decode(errors='replace')}")
    return done.stdout.decode()


def build_servers():
    """The developer build that tools/test uses too: its support library starts servers."""
    environment = {**os.environ, "CC": "clang"}
    must([f"{ROOT}/tools/build", "--dev", "--dir", "clang", "--", "-Dwerror=true"], env=environment)
    return f"{ROOT}/build/clang/tests/bench/bench_servers"


def build_tools():
    """The helpers in C; the empty program is static, like healthprobe."""
    prefix = must([f"{ROOT}/deps/build", "tiny"]).strip()
    with open(f"{prefix}/healthprobe.ini", encoding="utf-8") as machine:
        compiler = re.search(r"^c = '(.*)'", machine.read(), re.MULTILINE).group(1)
    os.makedirs(BUILD, exist_ok=True)
    must([compiler, "-Os", "-s", "-o", f"{BUILD}/empty", f"{HERE}/empty.c"])
    for name in ("race", "peak", "uncapped"):
        must(["cc", "-D_GNU_SOURCE", "-O2", "-o", f"{BUILD}/{name}", f"{HERE}/{name}.c"])


class Servers:
    """nginx, Postgres and Redis, started by servers.c, while the context lasts."""

    def __init__(self, program):
        self.program = program

    def __enter__(self):
        self.process = subprocess.Popen([self.program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        line = self.process.stdout.readline().decode()
        if not line.startswith("{"):
            sys.exit(f"the servers do not start: {line}")
        self.__dict__.update(json.loads(line))
        self.directory = tempfile.TemporaryDirectory()
        self.bundles = {1: self.root} | {roots: self.bundle(roots) for roots in BUNDLES}
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()
        self.directory.cleanup()

    def bundle(self, roots):
        """A file with this many roots: the machine's, repeated, with the servers' root in the middle."""
        with open(SYSTEM_BUNDLE, encoding="ascii", errors="replace") as file:
            certificates = re.findall("-----BEGIN.*?-----END CERTIFICATE-----\n", file.read(), re.DOTALL)
        certificates = list(itertools.islice(itertools.cycle(certificates), roots - 1))
        with open(self.root, encoding="ascii") as file:
            certificates.insert(roots // 2, file.read())
        path = os.path.join(self.directory.name, f"{roots}.pem")
        with open(path, "w", encoding="ascii") as file:
            file.write("".join(certificates))
        return path

    def environment(self, tls=False, passwords=False, trusted=None):
        """The variables that point healthprobe at them."""
        scheme, port = ("https", self.https) if tls else ("http", self.http)
        user = f"app:{self.postgres_password}" if passwords or tls else "odd"
        name = user.split(":", maxsplit=1)[0]
        mode = "verify-full" if tls else "disable"
        if tls:
            redis = f"rediss://:{self.redis_password}@127.0.0.1:{self.rediss}"
        elif passwords:
            redis = f"redis://:{self.redis_password}@127.0.0.1:{self.redis}"
        else:
            redis = f"redis://127.0.0.1:{self.open_redis}"
        variables = {
            # With a hundred at once, or in valgrind, the default limit would distort the result.
            "HEALTHPROBE_TIMEOUT": "60s",
            "HEALTHPROBE_HTTP": f"{scheme}://127.0.0.1:{port}",
            "DATABASE_URL": f"postgresql://{user}@127.0.0.1:{self.postgres}/{name}?sslmode={mode}",
            "REDIS_URL": redis,
        }
        if trusted:
            variables["SSL_CERT_FILE"] = trusted
        return variables


def forget(path):
    """
    Have a file read from the disk again. A file that was just written is in the page cache in large pieces, which are
    mapped whole: a process would seem to use twice the memory.
    """
    file = os.open(path, os.O_RDONLY)
    os.fsync(file)
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(file)


def peak_kb(command, environment, rounds):
    """The median of some runs. None without root: healthprobe lets nobody else look into its process."""
    if os.geteuid() != 0:
        return None
    return statistics.median(
        int(must([f"{BUILD}/peak", *command], env=environment)) * 1.024 for _ in range(rounds)
    )


def count_instructions(command, environment, rounds):
    """
    Instructions in user space, as valgrind's callgrind counts them: all processes of the command together. The median
    of some runs, for threads meet answers early or late. Also the files of the last run.
    """
    counts = []
    for _ in range(rounds):
        directory = tempfile.mkdtemp(dir=BUILD, prefix="callgrind.")
        done = subprocess.run(
            [
                f"{BUILD}/uncapped",
                "valgrind",
                "--tool=callgrind",
                "--trace-children=yes",
                f"--callgrind-out-file={directory}/%p",
                *command,
            ],
            env={"PATH": os.environ["PATH"], **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            check=False,
        )
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}: {done.stdout.decode()} {done.stderr.decode(errors='replace')}")
        files = []
        for path in glob.glob(f"{directory}/*"):
            with open(path, encoding="utf-8", errors="replace") as file:
                files.append(file.read())
            os.unlink(path)
        os.rmdir(directory)
        counts.append(sum(int(n) for text in files for n in re.findall(r"^totals: (\d+)", text, re.MULTILINE)))
    return int(statistics.median(counts)), files
