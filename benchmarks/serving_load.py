"""How long many clients of `kerasrnn serve` wait when some others do their worst.

    kerasrnn train translate --config dates --output runs/dates
    kerasrnn export runs/dates saved_models/dates
    python benchmarks/serving_load.py saved_models/dates --text "12 May 2003"

It starts the server on a free port of this machine. 64 clients ask one short text after the other,
in turns alone and beside one that sends texts at the limit, one that sends a byte now and then, and
one that leaves. It prints a Markdown table and writes it beside itself.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import contextlib
import json
import os
import pathlib
import re
import time

from served import server

HERE = pathlib.Path(__file__)
LIMIT = 2048  # what the server takes by default


class Crowd:
    """Clients of one model, until the time is over.

    Args:
        port: Port of the server, on this machine.
        path: What they ask.
        limit: The tokens of the longest text that the server takes.

    Attributes:
        times: Seconds of each request of those that count.
        statuses: How often each status came back to them.
        disturbers: How often each status came back to each of the others.
    """

    def __init__(self, port: int, path: str, limit: int = LIMIT):
        self.port, self.path, self.limit = port, path, limit
        self.times: list[float] = []
        self.statuses: collections.Counter[int] = collections.Counter()
        self.disturbers: collections.Counter[tuple] = collections.Counter()

    def run(self, texts: list[str], clients: int, seconds: float, *, disturbed: bool) -> None:
        """Runs so many clients that count, beside the others where they are wanted."""
        asyncio.run(self._run(texts, clients, seconds, disturbed))

    async def _run(self, texts, clients: int, seconds: float, disturbed: bool) -> None:
        end = time.perf_counter() + seconds
        others = [self._at_the_limit(), self._slow(), self._leaving()] if disturbed else []
        tasks = [asyncio.create_task(each) for each in others]
        try:
            steady = (self._steady(texts[i % len(texts)], end) for i in range(clients))
            await asyncio.gather(*steady)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _steady(self, text: str, end: float) -> None:
        async with self._connected() as (reader, writer):
            while (begin := time.perf_counter()) < end:
                writer.write(self._request(text))
                self.statuses[await _status(reader)] += 1
                self.times.append(time.perf_counter() - begin)

    async def _at_the_limit(self) -> None:
        async with self._connected() as (reader, writer):
            while True:
                writer.write(self._request("1" * self.limit))
                self.disturbers["at the limit", await _status(reader)] += 1

    async def _slow(self) -> None:
        while True:
            with contextlib.suppress(OSError, EOFError):
                async with self._connected() as (reader, writer):
                    writer.write(self._request("1" * 1000)[:-900])
                    answer = b""
                    while not answer:
                        writer.write(b"1")
                        with contextlib.suppress(TimeoutError):
                            answer = await asyncio.wait_for(reader.readuntil(b"\r\n"), 0.05)
                    self.disturbers["slow", int(answer.split()[1])] += 1

    async def _leaving(self) -> None:
        while True:
            async with self._connected() as (_, writer):
                writer.write(self._request("1" * self.limit))
                await writer.drain()
                await asyncio.sleep(0.01)  # the request has arrived
            self.disturbers["gone", None] += 1

    def _request(self, text: str) -> bytes:
        body = json.dumps({"instances": [text]})
        head = f"POST {self.path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}"
        return f"{head}\r\n\r\n{body}".encode()

    @contextlib.asynccontextmanager
    async def _connected(self):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        with contextlib.closing(writer):
            yield reader, writer


async def _status(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    await reader.readexactly(int(re.search(rb"content-length: (\d+)", head, re.I)[1]))
    return int(head.split()[1])


def percentile(times: list[float], share: float) -> float:
    """The time, in milliseconds, that this share of the requests did not exceed."""
    return sorted(times)[int(share * (len(times) - 1))] * 1e3


def table(crowds: dict[str, Crowd], sizes) -> str:
    """Writes a line for each way; the last column compares with the first line."""
    first, *_ = crowds.values()
    cores = len(os.sched_getaffinity(0))
    lines = [
        f"`{sizes.saved_model.name}`, {sizes.clients} clients with single texts, in turns of "
        f"{sizes.seconds:g} s; server and clients share {cores} CPU core{'s' * (cores > 1)}.",
        "",
        "| way | requests | failed | p50 ms | p99 ms | p99 × alone | the others |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, crowd in crowds.items():
        p50, p99 = (percentile(crowd.times, share) for share in (0.5, 0.99))
        others = ", ".join(
            f"{who} {status or ''}".strip() + f": {count}"
            for (who, status), count in sorted(crowd.disturbers.items(), key=str)
        )
        failed = sum(count for status, count in crowd.statuses.items() if status != 200)
        ratio = p99 / percentile(first.times, 0.99)
        lines.append(
            f"| {name} | {len(crowd.times)} | {failed} | {p50:.0f} | {p99:.0f} | {ratio:.1f} "
            f"| {others or 'none'} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("saved_model", type=pathlib.Path, help="folder of its exported versions")
    parser.add_argument("--text", default="12 May 2003", help="what the clients send")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--output", type=pathlib.Path, default=HERE.with_suffix(".md"))
    sizes = parser.parse_args()
    path = f"/v1/models/{sizes.saved_model.resolve().name}:predict"
    with server(sizes.saved_model, "--read-timeout", "2") as (_, port):
        crowds = {name: Crowd(port, path) for name in ("alone", "beside the others")}
        Crowd(port, path).run([sizes.text], sizes.clients, 1, disturbed=True)  # warms it up
        time.sleep(2)
        for _ in range(sizes.turns):
            for name, crowd in crowds.items():
                disturbed = name != "alone"
                crowd.run([sizes.text], sizes.clients, sizes.seconds, disturbed=disturbed)
                time.sleep(2)  # what was begun for a client that left ends
    text = table(crowds, sizes)
    sizes.output.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
