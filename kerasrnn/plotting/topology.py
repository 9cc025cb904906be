"""A model drawn unrolled: what each layer reads and returns at each step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeGuard

import keras
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kerasrnn.checks import UserError, check_integer
from kerasrnn.plotting.boxes import draw_arrow
from kerasrnn.plotting.fonts import finished, new_figure, shown, text_sizes
from kerasrnn.plotting.unrolled import Unrolled, unrolled
from kerasrnn.plotting.unrolled_drawing import Drawing, Labels

__all__ = ["topology"]

MOST, LONGEST = 12, 14  # steps, characters of a token
SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉"
MARGIN, CAPTION, TITLE = 0.15, 8.5, 12  # inches, points, points


def topology(
    model: keras.Model,
    inputs: int | Sequence[str] | None = None,
    targets: int | Sequence[str] | None = None,
    outputs: Sequence[str] | None = None,
    title: str | None = None,
) -> Figure:
    """Draws a model unrolled over a few steps, and what each recurrent layer returns.

    All boxes of a row have the same weights. Arrows in colour pass a state on; the others are
    outputs.

    Args:
        model: What `one_to_one`, `one_to_many`, `many_to_one`, `many_to_many`, `encoder_decoder`
            or `language_model` returned.
        inputs: What is read at each step, or the number of steps, up to 12; 4 by default. A text
            is a step for each character. Of `one_to_many` and `one_to_one` the name of the only
            input, a text or a list of one.
        targets: Of a model with a decoder, what the decoder reads at each step, or the number of
            its steps; 3 by default.
        outputs: What comes out, one for each output that is drawn; of a single one also a text.
        title: What stands above; by default the topology.

    Returns:
        A matplotlib `Figure`; `savefig` writes it.

    Raises:
        ValueError: For a model without recurrent layers of the documented names, a number of steps
            out of range, or another number of outputs.

    Example:

    >>> figure = topology(kerasrnn.many_to_one(11, 2, units=5), list("good"), outputs=["positive"])
    >>> [text.get_text() for text in figure.axes[0].texts][:4]
    ['g', 'o', 'o', 'd']
    """
    picture = unrolled(model)
    labels = _labels(picture, inputs, targets, outputs)
    figure = new_figure(1, 1)
    figure.set_layout_engine("none")  # an inch of the axes is one of the figure
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    drawing = Drawing(axes, picture, labels)
    drawing.draw()
    left, right, bottom, top = drawing.frame()
    left -= _captions(axes, drawing.captions, left, "right")
    right += _captions(axes, drawing.returns, right, "left")
    title = picture.title if title is None else title
    noted = any(shown(each, 0) != shown(each, 1) for each in labels.raw)
    bottom -= 0.18
    wide = max(right - left, *(w + 0.3 for w, _ in text_sizes([title], TITLE)))
    wide = max(wide, _legend(axes, drawing, (left + right) / 2, bottom)) + 2 * MARGIN
    low, high = bottom - (0.45 if noted else 0.2), top + 0.45
    middle = (left + right) / 2
    axes.set_xlim(middle - wide / 2, middle + wide / 2)
    axes.set_ylim(low, high)
    axes.text(middle, high - 0.2, title, ha="center", va="center", size=TITLE)
    figure.set_size_inches(wide, high - low)
    return finished(figure, labels.raw)


def _labels(picture: Unrolled, inputs, targets, outputs) -> Labels:
    """Checks and completes what stands below and above the steps."""
    alone = picture.single or (picture.source is not None and not picture.source_is_sequence)
    inputs = [inputs] if alone and isinstance(inputs, str) else inputs
    decodes = picture.source is not None
    if picture.source and alone:
        source = [picture.source.inputs] if inputs is None else _given("inputs", inputs, 1, "x")
        if len(source) != 1:
            raise UserError(
                f"Expected one input of a model of a single one. Received: {len(source)}"
            )
    else:
        source = _given("inputs", inputs, 1 if picture.single else 4, "x")
    main = source
    if decodes:
        number = len(targets) if _is_list(targets) else check_integer("targets", targets or 3)
        begun = ["<begin>", *_numbered("y", number)[: number - 1]]
        main = _given("targets", targets if _is_list(targets) else begun, 3, "y")
    elif targets is not None:
        raise UserError(f"Expected `targets` with a decoder only. Received: {targets!r}")
    if picture.single and len(main) != 1:
        raise UserError(f"Expected one step of a model of a single one. Received: {len(main)}")
    number = len(main) if picture.main.outputs == "all" else 1
    answers = _numbered("y", number)
    outputs = [outputs] if number == 1 and isinstance(outputs, str) else outputs
    raw = [each for given in (inputs, targets, outputs) if _is_list(given) for each in given]
    if outputs is not None:
        answers = _given("outputs", outputs, number, "y")
        if len(answers) != number:
            raise UserError(f"Expected {number} `outputs`. Received: {len(answers)}")
    return Labels(source if decodes else [], main, answers, raw)


def _is_list(given) -> TypeGuard[Sequence[str]]:
    return given is not None and not isinstance(given, int)


def _given(name: str, given, default: int, letter: str) -> list[str]:
    if _is_list(given):
        words = [shown(each, i, LONGEST) for i, each in enumerate(given)]
    else:
        words = _numbered(letter, check_integer(f"{name}", default if given is None else given))
    if not 1 <= len(words) <= MOST:
        raise UserError(f"Expected `{name}` of 1 to {MOST} steps. Received: {len(words)}")
    return words


def _numbered(letter: str, number: int) -> list[str]:
    def small(i: int) -> str:
        return "".join(SUBSCRIPTS[int(digit)] for digit in str(i))

    return [f"{letter}{small(i + 1)}" for i in range(number)] if number > 1 else [letter]


def _captions(axes, captions, edge: float, align: str) -> float:
    """Writes lines beside the rows; returns how much room they take."""
    if not captions:
        return 0.0
    widths = [w for w, _ in text_sizes([text for _, text in captions], CAPTION)]
    x = edge - 0.2 if align == "right" else edge + 0.2
    for y, text in captions:
        axes.text(x, y, text, ha=align, va="center", size=CAPTION)
    return max(widths) + 0.25


def _legend(axes: Axes, drawing: Drawing, middle: float, y: float) -> float:
    """Says what the colours of the arrows are; returns how much room it takes."""
    picture, words = drawing.picture, {"output": "output"}
    sides = [side for side in (picture.main, picture.source) if side]
    if picture.source or picture.single or len(drawing.labels.main) > 1:
        words["state"] = "state, passed on"
        if any(row.both_ways for side in sides for row in side.rows):
            words["state"] += " from the start"
            words["backward"] = "state, passed on from the end"
    if picture.attention:
        words["attention"] = "what attention looks at"
    if picture.input_feeding:
        words["attention"] += ", and what the next step reads of it"
    widths = [w + 0.75 for w, _ in text_sizes(words.values(), CAPTION)]
    x = middle - (sum(widths) - 0.3) / 2
    for (kind, text), width in zip(words.items(), widths, strict=True):
        draw_arrow(axes, [(x, y), (x + 0.32, y)], kind)
        axes.text(x + 0.4, y, text, ha="left", va="center", size=CAPTION)
        x += width
    return sum(widths)
