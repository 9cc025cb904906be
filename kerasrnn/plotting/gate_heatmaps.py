"""What a recurrent layer holds and what opens while it reads, token by token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from kerasrnn.checks import UserError
from kerasrnn.plotting.fonts import finished, new_figure, shown, text_sizes

__all__ = ["gates", "hidden_states"]

COLUMN, UNIT, LONGEST = 0.26, 0.09, 16  # inches, inches, characters
SMALLEST, LARGEST = 0.9, 2.4  # inches of a panel's height


def gates(
    values: Mapping[str, Any], tokens: Sequence[str], title: str = "Gates at each token"
) -> Figure:
    """Draws the gates of one sequence, one heat map for each.

    Gates are on the left, from 0, closed, to 1, open; on the right are the values that they let
    through, about 0. Both have a column for each token and a row for each unit.

    Args:
        values: What `views.gates` gives, one row of it: by name `(T, U)` floats, such as
            `forget_gate`. With the rows of a batch, `(1, T, U)`, the only one is drawn.
        tokens: What was read at each step, no more than T; what follows is padding, left out.
        title: What stands above.

    Returns:
        A matplotlib `Figure`; `savefig` writes it.

    Raises:
        ValueError: Where there is no token, more tokens than steps, or padding at one of them.

    Example:

    >>> model = kerasrnn.many_to_one(11, 2, cell="gru", units=5)
    >>> opened = kerasrnn.views.gates(model)(np.array([[3, 4, 5]]))
    >>> [axes.get_title() for axes in gates(opened, ["not", "so", "good"]).axes][:4]
    ['update gate', 'candidate', 'reset gate', 'hidden state']
    """
    tables = {name: _table(name, value, tokens) for name, value in values.items()}
    left = [name for name in tables if name.endswith("_gate")]
    columns = [column for column in (left, [n for n in tables if n not in left]) if column]
    if not columns:
        raise UserError("Expected the gates of a layer by their names. Received: none")
    units = next(iter(tables.values())).shape[1]
    rows = max(map(len, columns))
    names = [shown(token, i, LONGEST) for i, token in enumerate(tokens)]
    below = max(width for width, _ in text_sizes(names, 9))
    width = max(COLUMN * len(tokens), 2.0) + 1.5
    height = rows * (_height(units) + 0.35) + below + 0.9
    figure = new_figure(width * len(columns) + 0.2, height)
    figure.set_layout_engine("constrained", wspace=0.06)
    grid = figure.subplots(rows, len(columns), squeeze=False, sharex=True)
    for j, column in enumerate(columns):
        largest = 1.0 if column is left else _largest([tables[name] for name in column])
        for i, axes in enumerate(grid[:, j]):
            if i >= len(column):
                axes.set_axis_off()
                continue
            _heat_map(axes, tables[column[i]], names, gate=column is left, largest=largest)
            axes.set_title(column[i].replace("_", " "), fontsize=10)
            axes.tick_params(labelbottom=i == len(column) - 1)
        grid[len(column) - 1, j].set_xlabel("token")
        label = "gate: 0 closed, 1 open" if column is left else "value"
        figure.colorbar(grid[0, j].images[0], ax=list(grid[: len(column), j]), label=label)
    figure.suptitle(title)
    return finished(figure, tokens)


def hidden_states(
    states: Any, tokens: Sequence[str], title: str = "Hidden state after each token"
) -> Figure:
    """Draws the hidden state over time: a column for each token, a row for each unit.

    Args:
        states: `(T, U)` floats, such as `views.gates` gives as `hidden_state`; or `(1, T, U)`.
        tokens: What was read at each step, no more than T; what follows is padding, left out.
        title: What stands above.

    Returns:
        A matplotlib `Figure`; `savefig` writes it. White is 0.

    Raises:
        ValueError: Where there is no token, more tokens than steps, or padding at one of them.

    Example:

    >>> axes, _ = hidden_states(np.zeros((5, 3)), "hello").axes
    >>> [label.get_text() for label in axes.get_xticklabels()]
    ['h', 'e', 'l', 'l', 'o']
    """
    table = _table("states", states, tokens)
    names = [shown(token, i, LONGEST) for i, token in enumerate(tokens)]
    below = max(width for width, _ in text_sizes(names, 9))
    size = max(COLUMN * len(tokens), 3.0) + 1.5, _height(table.shape[1]) + below + 1.0
    figure = new_figure(*size)
    axes = figure.subplots()
    _heat_map(axes, table, names, gate=False, largest=_largest([table]))
    axes.set_title(title)
    axes.set_xlabel("token")
    figure.colorbar(axes.images[0], ax=axes, label="value")
    return finished(figure, tokens)


def _table(name: str, values: Any, tokens: Sequence[str]) -> np.ndarray:
    """Checks the values of one sequence and leaves its padding out."""
    table = np.asarray(values)
    if table.ndim == 3 and len(table) == 1:
        table = table[0]
    if table.ndim != 2 or not 1 <= len(tokens) <= len(table):
        raise UserError(
            f"Expected `{name}` (T, U) of one sequence and at least one token, no more than T. "
            f"Received: {table.shape} and {len(tokens)} tokens"
        )
    table = table[: len(tokens)]
    if np.isnan(table).any():
        raise UserError(
            f"Expected a value of `{name}` at each of {len(tokens)} tokens. Received: padding at "
            f"step {int(np.isnan(table).any(axis=1).argmax())}"
        )
    return table


def _largest(tables: Sequence[np.ndarray]) -> float:
    return max(float(np.abs(table).max()) for table in tables) or 1.0


def _height(units: int) -> float:
    return min(max(UNIT * units, SMALLEST), LARGEST)


def _heat_map(
    axes: Axes, table: np.ndarray, names: list[str], *, gate: bool, largest: float
) -> None:
    colours = {"cmap": "Blues", "vmin": 0, "vmax": 1}
    if not gate:
        colours = {"cmap": "RdBu_r", "vmin": -largest, "vmax": largest}
    axes.imshow(table.T, aspect="auto", interpolation="nearest", **colours)
    axes.set_ylabel("unit")
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.set_xticks(range(len(names)), names)
    turned = any(len(name) > 2 for name in names)
    axes.tick_params(axis="x", length=0, labelsize=9, labelrotation=90 if turned else 0)
    axes.tick_params(axis="y", labelsize=8)
    for side in axes.spines.values():
        side.set_visible(False)
