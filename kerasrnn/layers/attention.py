"""Attention of decoder states over encoder states."""

from __future__ import annotations

import dataclasses
from typing import Any

import keras
from keras import ops

from kerasrnn.checks import UserError, check_size
from kerasrnn.layers.as_float32 import has_16_bits
from kerasrnn.options.words import Score
from kerasrnn.typing import Shape, Tensor

__all__ = ["SCORES", "Attention", "ScoreForm"]


@dataclasses.dataclass(frozen=True)
class ScoreForm:
    r"""What a score is made of.

    Args:
        of_sum: Whether it is $u^\top \tanh(q + v)$, and not $q^\top v$.
        projects_query: Whether the query is multiplied by a matrix first.
        projects_key: Whether the value is.
        is_scaled: Whether the score is divided by the square root of the size of the query.
    """

    of_sum: bool = False
    projects_query: bool = False
    projects_key: bool = False
    is_scaled: bool = False


# Each word of `options.words.Score`; a new score is an entry here and a word there.
SCORES = {
    "dot": ScoreForm(),
    "scaled_dot": ScoreForm(is_scaled=True),
    "general": ScoreForm(projects_key=True),
    "additive": ScoreForm(of_sum=True, projects_query=True, projects_key=True),
}


@keras.saving.register_keras_serializable("kerasrnn")
class Attention(keras.layers.Layer):
    r"""Weighted sum of values, the weights being a softmax over query-value scores.

    With a query $q$ (a decoder state) and a value $v$ (an encoder state) the score is

    - `"dot"`: $q^\top v$ (Luong et al. 2015, equation 8); both need the same size;
    - `"scaled_dot"`: $q^\top v / \sqrt{d}$ (Vaswani et al. 2017, equation 1);
    - `"general"`: $q^\top W v$ (Luong et al. 2015, equation 8);
    - `"additive"`: $u^\top \tanh(W q + V v)$ (Bahdanau et al. 2015, section A.1.2).

    The softmax runs over the unmasked values, so that padding gets the weight 0. Each row needs
    one unmasked value at least.

    Args:
        score: One of the four names above.
        units: Size of the hidden layer of the additive score; the size of the query by default.
            The other scores have none.

    Call arguments:
        query: `(B, Tq, D)` float tensor.
        value: `(B, Tv, E)` float tensor, also the keys.
        query_mask: `(B, Tq)` bool tensor, or `None`: Keras' mask of `query`. Masked queries give 0.
        value_mask: `(B, Tv)` bool tensor, or `None`: Keras' mask of `value`.
        key: What `project` gave for the value, where many calls share it.
        return_attention_scores: Whether to return the weights too.

    Returns:
        `(B, Tq, E)`, and on request the weights `(B, Tq, Tv)`, which sum to 1 over the last axis,
        float32 where the layer computes in 16 bits.

    Raises:
        ValueError: For an unknown score, `units` below 1 or where they mean nothing, or a query
            and value of different sizes where the score is a dot product.

    Example:

    >>> import numpy as np
    >>> query, value = np.ones((2, 3, 5), "float32"), np.ones((2, 7, 5), "float32")
    >>> context, scores = Attention("dot")(query, value, return_attention_scores=True)
    >>> tuple(context.shape), tuple(scores.shape)
    ((2, 3, 5), (2, 3, 7))
    """

    def __init__(self, score: Score = "dot", units: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        if score not in SCORES:
            raise UserError(f"Expected `score` to be one of {tuple(SCORES)}. Received: {score!r}")
        self.form = SCORES[score]
        if units is not None and not self.form.projects_query:
            raise UserError(
                "Expected `units` with the additive score alone. "
                f"Received: score={score!r}, units={units!r}"
            )
        units = units if units is None else check_size("units", units)
        self.score = score
        self.units = units
        self.supports_masking = True
        self.query_projection = self.key_projection = None

    def build(self, query_shape: Shape, value_shape: Shape) -> None:
        query_size, value_size = query_shape[-1], value_shape[-1]
        if not self.form.projects_key and query_size != value_size:
            raise UserError(
                f"Expected query and value of the same size for the {self.score} score; "
                "`general` and `additive` take different ones. "
                f"Received: {query_size} and {value_size}"
            )

        def projection(units, name, shape):
            layer = keras.layers.Dense(units, use_bias=False, dtype=self.dtype_policy, name=name)
            layer.build(shape)
            return layer

        hidden = query_size
        if self.form.projects_query:
            hidden = self.units or query_size
            self.query_projection = projection(hidden, "query_projection", query_shape)
        if self.form.projects_key:
            self.key_projection = projection(hidden, "key_projection", value_shape)
        kind = keras.layers.AdditiveAttention if self.form.of_sum else keras.layers.Attention
        # The sums of a softmax over many steps are too long for 16 bits.
        dtype = "float32" if has_16_bits(self) else self.dtype_policy
        self.attention = kind(dtype=dtype, name="softmax")
        self.attention.build([(*query_shape[:-1], hidden), value_shape])

    @property
    def scores_dtype(self) -> str:
        """The dtype of the weights that it returns."""
        return "float32" if has_16_bits(self) else self.compute_dtype

    def project(self, value: Tensor) -> Tensor:
        """Computes what each score needs of a value and no query changes.

        Args:
            value: `(B, Tv, E)` float tensor.

        Returns:
            The keys `(B, Tv, H)`: $W v$ for `"general"`, $V v$ for `"additive"`, else the value.
        """
        return value if self.key_projection is None else self.key_projection(value)

    def call(
        self,
        query: Tensor,
        value: Tensor,
        query_mask: Tensor | None = None,
        value_mask: Tensor | None = None,
        key: Tensor | None = None,
        return_attention_scores: bool = False,
    ) -> Tensor | tuple[Tensor, Tensor]:
        projected = query if self.query_projection is None else self.query_projection(query)
        key = self.project(value) if key is None else key
        if self.form.is_scaled:
            projected = projected / query.shape[-1] ** 0.5
        found = self.attention(
            [projected, value, key],
            mask=[query_mask, value_mask, None],
            return_attention_scores=return_attention_scores,
        )
        context, *scores = found if return_attention_scores else [found]
        context = ops.cast(context, self.compute_dtype)
        return (context, *scores) if return_attention_scores else context

    def compute_mask(
        self, query: Tensor, query_mask: Tensor | None = None, **_: Any
    ) -> Tensor | None:
        return query_mask

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "score": self.score, "units": self.units}
