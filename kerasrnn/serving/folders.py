"""Which models and versions a folder holds, by names and times alone."""

from __future__ import annotations

import pathlib

__all__ = ["find_models", "find_versions", "stamp"]

# A version that is copied file by file is complete when these stop changing.
_PARTS = ("saved_model.pb", "variables", "variables/variables.index", "assets")


def find_models(directory: pathlib.Path) -> dict[str, pathlib.Path]:
    """Finds `directory/NAME/VERSION/saved_model.pb`, or takes a folder of versions as one model.

    Names that begin with a dot, such as those of unfinished exports, are skipped.

    Args:
        directory: A folder.

    Returns:
        The folder of each model by name; nothing where the folder is not there.
    """
    if find_versions(directory):
        return {directory.resolve().name: directory}
    folders = sorted(path for path in _entries(directory) if not path.name.startswith("."))
    return {path.name: path for path in folders if find_versions(path)}


def find_versions(folder: pathlib.Path) -> dict[int, pathlib.Path]:
    """Finds the versions of a model.

    Args:
        folder: Folder of the model.

    Returns:
        The folder of each version by number.
    """
    return {
        int(path.name): path
        for path in _entries(folder)
        # Python takes "01" and digits of other scripts for numbers too.
        if path.name.isdecimal()
        and path.name == str(int(path.name))
        and (path / "saved_model.pb").is_file()
    }


def stamp(folder: pathlib.Path) -> tuple[tuple[int, int, int] | None, ...]:
    """Returns what changes when a version is written anew.

    Args:
        folder: Folder of one version.
    """
    parts = []
    for name in _PARTS:
        try:
            status = (folder / name).stat()
            parts.append((status.st_ino, status.st_mtime_ns, status.st_size))
        except OSError:
            parts.append(None)
    return tuple(parts)


def _entries(folder: pathlib.Path) -> list[pathlib.Path]:
    try:
        return list(folder.iterdir())
    except OSError:  # not a folder, or gone meanwhile
        return []
