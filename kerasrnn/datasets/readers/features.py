"""Which feature of a data set, or column of a file, is the text, the label, the tokens."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import tensorflow as tf
import tensorflow_datasets as tfds

from kerasrnn.checks import UserError
from kerasrnn.datasets.readers.feature_names import feature_names

__all__ = ["Feature", "choose_feature", "feature_names", "find_features", "text_features"]

ROLES = {
    "text": "a text",
    "label": "a label",
    "labels": "a sequence of labels",
    "source": "a source",
    "target": "a target",
    "first": "a first text",
    "second": "a second text",
    "tokens": "a sequence of tokens",
    "tags": "a sequence of classes",
    "image": "an image",
    "start": "a word that asks for a text",
    "frames": "a film",
    "turns": "a sequence of texts",
    "number": "a number",
}
# Which feature is meant where a data set has several of a kind.
PREFERRED = {
    "text": ("text",),
    "label": ("label",),
    "labels": ("labels", "label"),
    "tokens": ("tokens", "words"),
    "tags": ("labels", "tags", "ner", "ner_tags", "upos", "pos"),
    "turns": ("utterances", "turns", "dialog", "dialogue"),
    "number": ("number", "score", "rating"),
}


@dataclasses.dataclass(frozen=True)
class Feature:
    """A feature of a builder, perhaps inside of others.

    Attributes:
        keys: Where it is in an example, from the outside to the inside.
        kind: What one value is.
        depth: How many sequences are around it.
    """

    keys: tuple[str, ...]
    kind: tfds.features.FeatureConnector
    depth: int

    @property
    def name(self) -> str:
        """The keys with a slash between them."""
        return "/".join(self.keys)

    def value(self, example: Any) -> Any:
        """Returns the value in an example."""
        for key in self.keys:
            example = example[key]
        return example

    def text(self, example: Any) -> tf.Tensor:
        """Returns the value as string tensor: names of classes, numbers as they are written."""
        value = self.value(example)
        if isinstance(self.kind, tfds.features.ClassLabel):
            return tf.gather(tf.constant(self.kind.names), value)
        return value if value.dtype == tf.string else tf.strings.as_string(value)


def find_features(features: Any) -> dict[str, Feature]:
    """Lists all features of a builder by name, those inside of others too.

    Args:
        features: `builder.info.features`.

    Returns:
        By name, such as `"captions/text"`, the features.
    """
    return {each.name: each for each in _leaves(features, (), 0)}


def text_features(builder: tfds.core.DatasetBuilder) -> list[Feature]:
    """Lists the texts of a builder that stand by themselves, in no other feature."""
    there = find_features(builder.info.features).values()
    return [each for each in there if KINDS["text"](each) and len(each.keys) == 1]


def _leaves(feature, keys: tuple[str, ...], depth: int) -> Iterator[Feature]:
    if isinstance(feature, tfds.features.FeaturesDict):
        for key in feature:
            yield from _leaves(feature[key], (*keys, key), depth)
    elif isinstance(feature, tfds.features.Sequence):
        yield from _leaves(feature.feature, keys, depth + 1)
    else:
        yield Feature(keys, feature, depth)


def _is_text(kind) -> bool:
    return isinstance(kind, tfds.features.Text) or (
        getattr(kind, "shape", None) == () and getattr(kind, "tf_dtype", None) == tf.string
    )


def _is_class(kind) -> bool:
    return isinstance(kind, tfds.features.ClassLabel)


def _is_scalar(each: Feature) -> bool:
    return getattr(each.kind, "shape", None) == ()


def _is_number(each: Feature) -> bool:
    kind = getattr(each.kind, "tf_dtype", None)
    return _is_scalar(each) and each.depth == 0 and kind is not None and not _is_text(each.kind)


def _is_film(feature: Feature) -> bool:
    # Both of `Video`, which is a sequence of images, and of a plain tensor.
    if isinstance(feature.kind, tfds.features.Image):
        return feature.depth == 1
    return feature.depth == 0 and len(getattr(feature.kind, "shape", None) or ()) == 4


KINDS: dict[str, Callable[[Feature], bool]] = {
    "text": lambda each: _is_text(each.kind) and each.depth == 0,
    "label": lambda each: _is_class(each.kind) and each.depth == 0,
    "tokens": lambda each: _is_text(each.kind) and each.depth == 1,
    "tags": lambda each: _is_class(each.kind) and each.depth == 1,
    "image": lambda each: isinstance(each.kind, tfds.features.Image) and each.depth == 0,
    "frames": _is_film,
    "number": lambda each: _is_number(each) and not _is_class(each.kind),
}
KINDS |= {role: KINDS["text"] for role in ("source", "target", "first", "second", "start")}
KINDS |= {"turns": KINDS["tokens"], "labels": KINDS["tags"]}


# What a user may name beyond what is found without a name: numbers and texts as classes, and
# several texts of an image.
NAMED: dict[str, Callable[[Feature], bool]] = {
    "label": lambda each: _is_scalar(each) and each.depth == 0,
    "tags": lambda each: _is_scalar(each) and each.depth == 1,
    "labels": lambda each: _is_scalar(each),
    "text": lambda each: _is_text(each.kind) and each.depth <= 1,
    "number": _is_number,
}


def choose_feature(
    builder: tfds.core.DatasetBuilder,
    role: str,
    expected: str,
    names: Mapping[str, Sequence[str]],
    also: tuple[int, ...] = (),
) -> list[Feature]:
    """Finds the feature of a builder that has a role in a task.

    It is the one that was named; or the only one of the kind that the role asks for; or, of
    several, the one with the role's usual name, or the one of the supervised keys.

    Args:
        builder: The builder.
        role: A key of `ROLES`.
        expected: What the data set is expected to hold, for the error.
        names: What `feature_names` returned.
        also: Depths of a feature that will do too, for a text that may be one of a sequence.

    Returns:
        The feature; several where several were named.

    Raises:
        ValueError: Where there is no such feature, or more than one that could be meant.
    """
    there = find_features(builder.info.features)
    if role in names:
        fits = NAMED.get(role, KINDS[role])
        for name in names[role]:
            if name not in there or not fits(there[name]):
                raise UserError(
                    f"Expected `features` to name {ROLES[role]} of {builder.name!r}, which has "
                    f"{', '.join(there)}. Received: {role}={name}"
                )
        return [there[name] for name in names[role]]
    # `image/filename` is a word about another feature, which nobody means.
    plain = [each for each in there.values() if not any("/" in key for key in each.keys)]
    found = [each for each in plain if KINDS[role](each)]
    if not found and also:
        found = [each for each in plain if _is_text(each.kind) and each.depth in also]
    found = [each for each in found if len(each.keys) == 1] or found
    if len(found) > 1:
        found = _preferred(builder, role, found)
    if len(found) != 1:
        raise UserError(
            f"Expected a data set of {expected}. Received: {builder.name!r} with the features "
            f"{', '.join(there)} (`features` such as {role}=NAME tells which)"
        )
    return found


def _preferred(builder, role: str, found: list[Feature]) -> list[Feature]:
    supervised = tf.nest.flatten(builder.info.supervised_keys or ())
    names = [each.name for each in found]
    chosen = [name for name in PREFERRED.get(role, ()) if name in names][:1]
    chosen = chosen or [name for name in names if name in supervised]
    return [each for each in found if each.name in chosen]
