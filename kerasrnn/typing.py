"""Types that many annotations name.

Keras has no type for what its operations take and give: a tensor of the backend that it runs on,
a symbolic tensor while a model is built, or an array. `Tensor` says in an annotation that such a
thing is meant; the docstring has its shape and dtype.
"""

from __future__ import annotations

from typing import Any, TypeAlias

__all__ = ["Shape", "Tensor"]

Tensor: TypeAlias = Any
Shape: TypeAlias = tuple[int | None, ...]
