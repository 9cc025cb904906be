"""The local server under load, and `model.predict` called for one text after the other.

    kerasrnn train translate --config dates --output runs/dates
    kerasrnn export runs/dates saved_models/dates
    python benchmarks/serving.py runs/dates saved_models/dates

It starts `kerasrnn serve` on a free port of this machine, calls it with many clients at once,
prints a Markdown table and writes it beside itself.
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
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from served import server

import kerasrnn
from kerasrnn import views
from kerasrnn.vocabulary import BEGIN, END

HERE = pathlib.Path(__file__)


def greedy_loop(translator: kerasrnn.Translator):
    """Makes the loop that users write: `predict` for the source, then for each token."""
    encode, step = views.encode(translator.model), views.step(translator.model)

    def translate(text: str) -> str:
        source = translator.source.pad(translator.source.encode([text])).numpy()
        states = encode.predict(source, verbose=0)
        token, ids = BEGIN, []
        while len(ids) < translator.max_length:
            outputs = step.predict({"tokens": np.array([token]), **states}, verbose=0)
            states |= {name: value for name, value in outputs.items() if name in states}
            token = int(outputs["logits"][0].argmax())
            if token == END:
                break
            ids.append(token)
        return translator.target.decode(np.array([ids], "int32")).numpy()[0].decode()

    return translate


def one_by_one(name: str, translate, texts: list[str], seconds: float) -> dict:
    """Times a function on one text after the other."""
    translate(texts[0])  # traces it
    times, begin = [], time.perf_counter()
    while time.perf_counter() - begin < seconds:
        start = time.perf_counter()
        translate(texts[len(times) % len(texts)])
        times.append(time.perf_counter() - start)
    return summary(name, 1, times, 0, time.perf_counter() - begin)


async def client(port: int, path: str, bodies: list[bytes], times: list, statuses, end: float):
    """Sends one request after the other on one connection, until the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    number = len(times)
    with contextlib.closing(writer):
        while time.perf_counter() < end:
            body = bodies[number % len(bodies)]
            number += 1
            start = time.perf_counter()
            head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            length = int(re.search(rb"content-length: (\d+)", answer, re.I)[1])
            content = await reader.readexactly(length)
            times.append(time.perf_counter() - start)
            status = int(answer.split()[1])
            statuses[status if b'"predictions"' in content else "another answer"] += 1


async def load(port: int, path: str, texts: list[str], clients: int, seconds: float):
    """Runs all clients at once."""
    bodies = [json.dumps({"instances": [text]}).encode() for text in texts]
    warm = collections.Counter()
    await client(port, path, bodies, [], warm, time.perf_counter() + 0.5)
    times, statuses = [], collections.Counter()
    begin = time.perf_counter()
    runs = [
        client(port, path, bodies[i % len(bodies) :] + bodies, times, statuses, begin + seconds)
        for i in range(clients)
    ]
    broken = [each for each in await asyncio.gather(*runs, return_exceptions=True) if each]
    failed = len(broken) + sum(count for key, count in statuses.items() if key != 200)
    return times, failed, time.perf_counter() - begin


def under_load(name: str, sizes, texts: list[str], seconds: float, *options: str) -> dict:
    """Times the server with all clients."""
    path = f"/v1/models/{sizes.saved_model.resolve().name}:predict"
    with server(sizes.saved_model, *options) as (_, port):
        times, failed, took = asyncio.run(load(port, path, texts, sizes.clients, seconds))
    return summary(name, sizes.clients, times, failed, took)


def swapped_under_load(name: str, sizes, texts: list[str], seconds: float) -> dict:
    """Times the server while the run is exported again beside the version that it serves."""
    model = sizes.saved_model.resolve().name
    command = [sys.executable, "-m", "kerasrnn", "export", str(sizes.run)]
    with tempfile.TemporaryDirectory() as folder:
        versions = pathlib.Path(folder, model)
        shutil.copytree(sizes.saved_model, versions)
        with server(versions) as (_, port):
            export = subprocess.Popen([*command, str(versions)], stdout=subprocess.DEVNULL)
            path = f"/v1/models/{model}:predict"
            times, failed, took = asyncio.run(load(port, path, texts, sizes.clients, seconds))
            if export.wait() != 0:
                raise SystemExit("The export failed.")
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/models/{model}") as answer:
                newest, *old = json.load(answer)["model_version_status"]
    if newest["state"] != "AVAILABLE" or any(each["state"] != "END" for each in old):
        raise SystemExit(f"The versions did not change within {seconds} s: {[newest, *old]}")
    return summary(name, sizes.clients, times, failed, took)


def summary(name: str, clients: int, times: list[float], failed: int, seconds: float) -> dict:
    """Sums up one line of the table."""
    row = {
        "name": name,
        "clients": clients,
        "seconds": seconds,
        "requests": len(times),
        "failed": failed,
        "throughput": len(times) / seconds,
        "p50": float(np.percentile(times, 50)) * 1e3,
        "p99": float(np.percentile(times, 99)) * 1e3,
    }
    print(row, flush=True)
    return row


def table(rows: list[dict], sizes) -> str:
    """Writes a line for each way; the last column compares with the first line."""
    lines = [
        f"`{sizes.saved_model}`, single texts, {os.cpu_count()} CPU cores that server and clients "
        f"share; TensorFlow Serving's row form. The greedy loop calls `model.predict` for each "
        "token.",
        "",
        "| way | clients | s | requests | failed | answers a second | p50 ms | p99 ms | × loop |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        ratio = row["throughput"] / rows[0]["throughput"]
        lines.append(
            f"| {row['name']} | {row['clients']} | {row['seconds']:.0f} | {row['requests']} "
            f"| {row['failed']} | {row['throughput']:.1f} | {row['p50']:.0f} | {row['p99']:.0f} "
            f"| {ratio:.1f} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=pathlib.Path, help="folder of the trained run")
    parser.add_argument("saved_model", type=pathlib.Path, help="folder of its exported versions")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--rival-seconds", type=float, default=10)
    parser.add_argument("--swap-seconds", type=float, default=90)
    parser.add_argument("--output", type=pathlib.Path, default=HERE.with_suffix(".md"))
    sizes = parser.parse_args()
    translator = kerasrnn.load(sizes.run)
    metrics = json.loads((sizes.run / "metrics.json").read_text(encoding="utf-8"))
    texts = list(metrics["examples"])
    loop = greedy_loop(translator)
    if [loop(text) for text in texts] != translator.predict(texts):
        raise SystemExit("The greedy loop and the translator give different answers.")
    short = sizes.rival_seconds
    rows = [
        one_by_one("greedy loop of `model.predict`", loop, texts, short),
        one_by_one("`Translator.predict([text])`", lambda t: translator.predict([t]), texts, short),
        under_load("`kerasrnn serve --max-batch 1`", sizes, texts, short, "--max-batch", "1"),
        under_load("`kerasrnn serve`", sizes, texts, sizes.seconds),
        swapped_under_load(
            "`kerasrnn serve`, new version exported", sizes, texts, sizes.swap_seconds
        ),
    ]
    text = table(rows, sizes)
    sizes.output.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
