"""The description of an export beside its graph: for servers and for readers of the folder."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping
from typing import Any

from kerasrnn.files import json_text, number_text

__all__ = ["describe", "model_card", "write_metadata"]

FORMAT = 1


def describe(signatures: Mapping[str, Any], lengths: Mapping[str, Any]) -> dict[str, Any]:
    """Describes signatures, as `kerasrnn.json` has them.

    Args:
        signatures: `tf.function`s with an input signature, by name.
        lengths: By signature and output, a list that says for the axes 1, 2, … of the output which
            other output holds the length of each row; `None` for an axis of one size.

    Returns:
        By signature `inputs` and `outputs`, their `dtype` and `shape` (`None` for any), and
        `lengths`.
    """
    return {
        name: {
            "inputs": {spec.name: _spec(spec) for spec in function.input_signature},
            "outputs": {
                output: _spec(tensor)
                for output, tensor in function.get_concrete_function().structured_outputs.items()
            },
            "lengths": dict(lengths.get(name, {})),
        }
        for name, function in signatures.items()
    }


def write_metadata(
    folder: pathlib.Path, description: Mapping[str, Any], data: str | None = None
) -> None:
    """Writes `kerasrnn.json` and `README.md`, the model card, into the assets of an export.

    Args:
        folder: The folder.
        description: `task`, `signatures` as `describe` gives them, `settings`, `versions`, and
            `metrics` or `{}`; of a classifier with a threshold `positive` and `threshold`.
        data: What the model was trained on, where that was recorded.
    """
    content = json_text({"format": FORMAT, **description}, indent=1)
    (folder / "kerasrnn.json").write_text(content + "\n", encoding="utf-8")
    (folder / "README.md").write_text(model_card(description, data), encoding="utf-8")


def model_card(description: Mapping[str, Any], data: str | None = None) -> str:
    """Returns the model card as Markdown: what it is, what it learned, how to call it.

    Args:
        description: As above.
        data: As above.
    """
    settings, versions = description["settings"], description["versions"]
    lines = [
        f"# A model for `{description['task']}`",
        "",
        f"Trained with kerasrnn {versions.get('kerasrnn', '')} on "
        f"{data or 'data that were not recorded'}.",
    ]
    if "threshold" in description:
        lines += [
            "",
            f"The label is `{description['positive']}` where its probability is at least "
            f"{number_text(description['threshold'], 6)}.",
        ]
    figures = [
        f"{name} {number_text(value, 6)}"
        for name, value in description["metrics"].items()
        if isinstance(value, (int, float))
    ]
    if figures:
        lines += ["", f"On the test split: {', '.join(figures)}."]
    lines += ["", "## Signatures", "", "| signature | inputs | outputs |", "|---|---|---|"]
    for name, signature in description["signatures"].items():
        columns = (
            ", ".join(f"`{each}` {_words(spec)}" for each, spec in signature[side].items())
            for side in ("inputs", "outputs")
        )
        lines.append(f"| `{name}` | {' | '.join(columns)} |")
    lines += ["", "Probabilities are natural logarithms where a name says `log_prob`."]
    for title, table in (("Settings", settings), ("Versions", versions)):
        lines += ["", f"## {title}", "", "| name | value |", "|---|---|"]
        lines += [f"| {name} | {value} |" for name, value in table.items()]
    return "\n".join(lines) + "\n"


def _spec(tensor) -> dict[str, Any]:
    return {"dtype": tensor.dtype.name, "shape": tensor.shape.as_list()}


def _words(spec: Mapping[str, Any]) -> str:
    shape = ", ".join("?" if size is None else str(size) for size in spec["shape"])
    return f"({shape}) {spec['dtype']}"
