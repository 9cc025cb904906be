"""What a model does at each step, read off its layers, for a picture of it."""

from __future__ import annotations

import dataclasses
from typing import Any

import keras

from kerasrnn.checks import UserError
from kerasrnn.layers import InputFeedingDecoder, RecurrentStack, SegmentedStack
from kerasrnn.models.wiring import embedding_of, layers_by_name

__all__ = ["Row", "Side", "Unrolled", "unrolled"]

POOLINGS = {"mean": "mean over the steps", "max": "maximum over the steps"}
# By the name of the output layer's class what it is called; others are a dense layer.
OUTPUTS = {"ClassSoftmax": "class softmax", "AdaptiveSoftmax": "adaptive softmax"}


@dataclasses.dataclass(frozen=True)
class Row:
    """One row of boxes.

    Args:
        level: Where it stands: `vectors`, `cells_0`, `join_0`, …, `bar`, `head`, `labels`.
        kind: `"boxes"`, one at each place; `"cells"`, those of a recurrent layer; or `"bar"`, one
            over all steps.
        label: What stands in each box.
        caption: What stands at the left of the row.
        returns: What stands at the right of it.
        colour: `"vectors"`, `"cells"`, `"joined"`, `"attention"` or `"output"`.
        both_ways: Whether the cells read from the end too.
    """

    level: str
    kind: str
    label: str
    caption: str = ""
    returns: str = ""
    colour: str = "joined"
    both_ways: bool = False


@dataclasses.dataclass(frozen=True)
class Side:
    """A sequence of steps: the rows from its inputs upwards, and where its outputs stand.

    Args:
        inputs: What goes in, in words.
        rows: The rows, the lowest first.
        outputs: `"all"`, `"last"` (step), `"middle"` (over all steps) or `"none"`.
        answers: What comes out, in words.
    """

    inputs: str
    rows: tuple[Row, ...]
    outputs: str = "none"
    answers: str = ""


@dataclasses.dataclass(frozen=True)
class Unrolled:
    """A model as a picture shows it.

    Args:
        title: The topology in words.
        main: The steps that make the output.
        source: What a decoder begins from: steps of an encoder, or one input.
        source_is_sequence: Whether it has steps.
        attention: Whether the steps look at the source.
        input_feeding: Whether each step reads the attention vector of the one before.
        single: Whether there is one step whose states come in and go out.
    """

    title: str
    main: Side
    source: Side | None = None
    source_is_sequence: bool = False
    attention: bool = False
    input_feeding: bool = False
    single: bool = False


def unrolled(model: keras.Model) -> Unrolled:
    """Reads the layers of a model that a factory returned.

    Raises:
        ValueError: For another model.
    """
    layers: dict[str, Any] = layers_by_name(model) if hasattr(model, "layers") else {}
    inputs = {tensor.name: tensor for tensor in getattr(model, "inputs", None) or ()}
    if "decoder" in layers and {"encoder", "initial_state"} & set(layers):
        return _with_decoder(layers, inputs)
    if isinstance(layers.get("recurrent"), RecurrentStack) and "second" not in inputs:
        return _of_one_sequence(layers, inputs)
    raise UserError(
        "Expected a recurrent model of a factory, such as `many_to_one` or `encoder_decoder`. "
        f"Received: {getattr(model, 'name', model)!r}"
    )


def _of_one_sequence(layers: dict[str, Any], inputs: dict[str, Any]) -> Unrolled:
    stack, rows = layers["recurrent"], _input_rows(layers)
    single = bool(set(inputs) & set(stack.state_names))
    rows += _recurrent_rows(stack, ending=_of_a_step(stack) if single else "")
    if "pooling" in layers:
        kind = getattr(layers["pooling"], "pooling", "attention")
        label = POOLINGS.get(kind, "attention: a weighted sum over the steps")
        rows.append(Row("bar", "bar", label, colour="joined" if kind in POOLINGS else kind))
        outputs = "middle"
    elif stack.return_sequences:
        outputs = "all"
    elif stack.bidirectional:
        rows.append(Row("bar", "bar", "last output of each direction, joined"))
        outputs = "middle"
    else:
        outputs = "last"
    read = "tokens" if "tokens" in inputs else "frames" if "encoder" in layers else "features"
    rows += _head_rows(layers, "token")
    if single:
        side = Side("token" if read == "tokens" else read, tuple(rows), outputs, "output")
        title = "One to one: a single step, the states come in and go out"
        return Unrolled(title, side, single=True)
    many = outputs == "all"
    title = (
        "Many to many: an output for each step" if many else "Many to one: one output at the end"
    )
    return Unrolled(title, Side(read, tuple(rows), outputs, "outputs" if many else "output"))


def _with_decoder(layers: dict[str, Any], inputs: dict[str, Any]) -> Unrolled:
    decoder = layers["decoder"]
    feeding = isinstance(decoder, InputFeedingDecoder)
    attention = "attention" in layers
    rows = [Row("vectors", "boxes", "vector", "", "", "vectors")]
    rows += _recurrent_rows(decoder.stack if feeding else decoder, "decoder")
    if attention:
        looked_at = "outputs of the encoder" if "source" in inputs else "places"
        size = layers["attention_vector"].units
        rows.append(
            Row(
                *("bar", "bar", "attention", ""),
                f"weighs the {looked_at}\nat each step\n(batch, steps, {size})",
                "attention",
            )
        )
    rows += _head_rows(layers, "target")
    main = Side("target, shifted by one", tuple(rows), "all", "outputs")
    is_sequence = "source" in inputs
    source = _source_steps(layers, attention) if is_sequence else _source_once(layers, attention)
    title = "Encoder-decoder: a sequence in, a sequence of another length out"
    if not is_sequence:
        title = "One to many: one input, a sequence out"
    if attention:
        title += ", with attention"
    return Unrolled(title, main, source, is_sequence, attention, feeding)


def _source_steps(layers: dict[str, Any], attention: bool) -> Side:
    rows = [Row("vectors", "boxes", "vector", "vectors of the tokens", "", "vectors")]
    encoder = layers["encoder"]
    ending = "returns its last state, for the decoder;\nits outputs are not read\nreturn_state=True"
    if attention:
        ending = "returns all outputs and its last state"
        ending += "\nreturn_sequences=True\nreturn_state=True"
    made = _recurrent_rows(encoder, "encoder", ending)
    if not attention and encoder.bidirectional:
        made = made[:-1]  # nobody reads the outputs of the last layer
    rows += made
    if attention:
        rows.append(Row("bar", "bar", "outputs of the encoder", colour="cells"))
    return Side("source", tuple(rows), "none")


def _source_once(layers: dict[str, Any], attention: bool) -> Side:
    rows = []
    if "encoder" in layers:
        rows.append(Row("vectors", "boxes", "convolution", "image encoder", "", "vectors"))
    rows.append(Row("cells_0", "boxes", "first state", "", "", "joined"))
    if attention:
        rows.append(Row("bar", "bar", "places", colour="cells"))
    return Side("image" if "encoder" in layers else "features", tuple(rows))


def _input_rows(layers: dict[str, Any]) -> list[Row]:
    if "token_embedding" in layers:
        caption = "vectors of the tokens"
        if "character_features" in layers:
            caption = "vectors of the tokens\nand of their characters"
        return [Row("vectors", "boxes", "vector", caption, "", "vectors")]
    if "encoder" in layers:
        return [Row("vectors", "boxes", "convolution", "image encoder", "", "vectors")]
    return []


def _recurrent_rows(stack: RecurrentStack, side: str = "", ending: str = "") -> list[Row]:
    """The rows of all layers of a stack, with what joins the directions behind each."""
    rows = []
    for i, layer in enumerate(stack.rnn_layers):
        last = i == stack.num_layers - 1
        whole = stack.return_sequences or not last
        way = layer.forward_layer if stack.bidirectional else layer
        number = f"layer {i + 1}" if stack.num_layers > 1 else "" if side else "recurrent layer"
        caption = f"{side} {number}".strip() + f", {stack.units} units"
        if stack.bidirectional:
            caption += "\nin each direction"
        if isinstance(stack, SegmentedStack):
            caption += f"\nbegins anew every {stack.segment_length} steps"
        rows.append(
            Row(
                *(f"cells_{i}", "cells", type(way).__name__, caption),
                ending if ending and (last or not side) else _returned(stack, whole),
                "cells",
                both_ways=stack.bidirectional,
            )
        )
        if stack.bidirectional and whole:
            rows.append(Row(f"join_{i}", "boxes", "join"))
    return rows


def _returned(stack: RecurrentStack, whole: bool) -> str:
    width = stack.units * (2 if stack.bidirectional else 1)
    if whole:
        return f"returns the outputs of all steps\nreturn_sequences=True\n(batch, steps, {width})"
    what = "last output of each direction" if stack.bidirectional else "last output only"
    return f"returns the {what}\nreturn_sequences=False\n(batch, {width})"


def _of_a_step(stack: RecurrentStack) -> str:
    names = [name.partition("_")[2] for name in stack.state_names if name.startswith("rnn_0")]
    states = " and ".join(name.partition("_")[2].replace("_", " ") for name in names)
    return f"returns its output and its state\n({states}): (batch, {stack.units}) each"


def _head_rows(layers: dict[str, Any], side: str) -> list[Row]:
    """The output layer, and the random field over it."""
    if "emissions" in layers:
        size = layers["emissions"].units
        return [
            Row("head", "boxes", "dense", "", f"scores: (batch, steps, {size})", "output"),
            Row("labels", "bar", "random field: weighs whole sequences", "", "", "attention"),
        ]
    if "output" not in layers:
        size = embedding_of(layers, side).input_dim
        return [
            Row("head", "boxes", "tied", "", f"weights of the vectors: {size} logits", "output")
        ]
    output = layers["output"]
    name = OUTPUTS.get(type(output).__name__)
    if name:
        returns = f"{name} over {output.vocabulary_size} ids"
        return [Row("head", "boxes", "softmax", "", returns, "output")]
    return [Row("head", "boxes", "dense", "", f"dense layer: {output.units} numbers", "output")]
