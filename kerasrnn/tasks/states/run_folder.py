"""The folder of a training run, as it begins."""

from __future__ import annotations

from kerasrnn.checks import UserError
from kerasrnn.files import CONFIG, FolderLock
from kerasrnn.tasks.task import Task

__all__ = ["begin_run"]


def begin_run(task: Task, lock: FolderLock) -> None:
    """Makes the folder of a run, with the settings of the task.

    Args:
        task: The task.
        lock: That of the folder, which is held from now on.

    Raises:
        ValueError: Where it cannot be written, or another training has begun there meanwhile.
    """
    if not lock.is_held:
        lock.hold()
        if (lock.folder / CONFIG).exists():
            raise UserError(
                f"Expected a new or an empty folder. Received: {lock.folder}, in which another "
                "training has begun meanwhile"
            )
    try:
        task.save_settings(lock.folder)
    except OSError as error:
        raise UserError(
            f"Expected an output folder that can be written. Received: {lock.folder} ({error})"
        ) from None
