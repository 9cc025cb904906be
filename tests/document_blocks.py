"""The blocks of code of a page, and how they are run: `tests/test_documents.py` says what for.

A page is `README.md` or one of `docs`. Its blocks run in order in one empty folder: Python in one
namespace, `$ commands` of a console in a shell. A comment before a block may say

    <!-- not run: it downloads 80 MB -->
    <!-- quick: epochs=5 -> epochs=1 -->

where the second replaces what has to be there. Docker, make, pip and environments are left out.
"""

import contextlib
import dataclasses
import os
import pathlib
import re
import subprocess
import sys
import textwrap
import time

ROOT = pathlib.Path(__file__).parents[1]
BLOCK = re.compile(
    r"(?P<notes>(?:^ *<!-- [^\n]* -->\n\n?)*)^ *```(?P<language>\w+)\n(?P<text>.*?)^ *```$",
    re.M | re.S,
)
NOTE = re.compile(r"<!-- (not run|quick): (.*) -->")
LEFT_OUT = re.compile(r"(docker|make|pip|git|python3? -m (venv|pip)|\.|source|kerasrnn chat)\s")
BINARIES = os.path.dirname(sys.executable)
LONGEST = 300  # seconds of one command


def pages():
    """Lists the pages with snippets; the Korean README has those of the other one."""
    written = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    apart = {ROOT / "docs" / name for name in ("api", "_build")}
    return [path for path in written if not apart & set(path.parents)]


@dataclasses.dataclass(frozen=True)
class Block:
    """A block of code.

    Args:
        language: What stands behind its fence.
        text: Its lines.
        place: File and line, for messages.
        is_run: Whether no note says that it is not.
        quick: Pairs of what is replaced before it runs, and by what.
    """

    language: str
    text: str
    place: str
    is_run: bool = True
    quick: tuple[tuple[str, str], ...] = ()

    @property
    def as_run(self):
        text = self.text
        for old, new in self.quick:
            assert old in text, f"{self.place} does not have {old!r}"
            text = text.replace(old, new)
        return text


def blocks(path):
    """Lists the blocks of a page."""
    page = path.read_text(encoding="utf-8")
    found = []
    for match in BLOCK.finditer(page):
        notes = NOTE.findall(match["notes"])
        line = page.count("\n", 0, match.start("language")) + 1
        found.append(
            Block(
                match["language"],
                textwrap.dedent(match["text"]),
                f"{path.relative_to(ROOT)}:{line}",
                is_run="not run" not in dict(notes),
                quick=tuple(
                    tuple(said.split(" -> ", 1)) for kind, said in notes if kind == "quick"
                ),
            )
        )
    return found


def commands(text):
    """Lists the commands of a console: lines after `$`, with continued lines and documents."""
    found, lines = [], iter(text.splitlines())
    for line in lines:
        if not line.startswith("$ "):
            continue
        command = [line[2:]]
        while command[-1].endswith("\\"):
            command.append(next(lines))
        document = re.search(r"<<'?(\w+)'?", command[-1])
        while document and command[-1] != document[1]:
            command.append(next(lines))
        found.append("\n".join(command))
    return found


def run_page(path, folder):
    """Runs the blocks of a page.

    Args:
        path: The page.
        folder: The empty folder, in which this process has to be.
    """
    names = {"__name__": "__main__"}
    with contextlib.ExitStack() as servers:
        for block in blocks(path):
            if block.is_run and block.language == "python":
                exec(compile(block.as_run, block.place, "exec"), names)
            elif block.is_run and block.language == "console":
                for command in commands(block.as_run):
                    if command.startswith("kerasrnn serve "):
                        servers.enter_context(_serving(command, folder))
                    elif not LEFT_OUT.match(command):
                        _run(command, block.place)


def _environment():
    return {**os.environ, "PATH": f"{BINARIES}{os.pathsep}{os.environ['PATH']}"}


def _run(command, place):
    result = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", command],
        env=_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LONGEST,
    )
    said = result.stdout + result.stderr
    assert result.returncode == 0, f"{place}: {command}\n{said}"


@contextlib.contextmanager
def _serving(command, folder):
    """Starts a server, waits until it says that it serves, and ends it after the page."""
    log = folder / "server.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            ["bash", "-c", f"exec {command}"], env=_environment(), stdout=output, stderr=output
        )
    try:
        end = time.monotonic() + LONGEST
        while "Serving at" not in log.read_text():
            assert process.poll() is None and time.monotonic() < end, log.read_text()
            time.sleep(0.2)
        yield
    finally:
        process.terminate()
        process.wait()
