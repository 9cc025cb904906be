"""Public names of a package that are resolved on first use, so that importing it stays light."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping

__all__ = ["resolver"]


def resolver(
    package: str, places: Mapping[str, str], then: Callable[[], None] | None = None
) -> Callable[[str], object]:
    """Makes the `__getattr__` of a package.

    Args:
        package: Its name.
        places: By public name the module that has it; a module stands for itself.
        then: Called when a module was imported.

    Returns:
        A function from a name to what it stands for, which the package keeps.

    Example:

    >>> find = resolver("kerasrnn", {"Vocabulary": "kerasrnn.vocabulary"})
    >>> find("Vocabulary").__name__
    'Vocabulary'
    """

    def find(name: str) -> object:
        if name not in places:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = importlib.import_module(places[name])
        if then is not None:
            then()
        value = module if module.__name__ == f"{package}.{name}" else getattr(module, name)
        setattr(sys.modules[package], name, value)
        return value

    return find
