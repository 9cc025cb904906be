"""The models of a folder: watched, loaded, and replaced without downtime."""

from __future__ import annotations

import asyncio
import logging
import pathlib
from collections.abc import Callable, Mapping
from typing import Any

from kerasrnn.serving.errors import RequestError
from kerasrnn.serving.folders import find_models, find_versions, stamp
from kerasrnn.serving.servable import LoadedVersion, Servable
from kerasrnn.serving.workers import Workers

__all__ = ["Models"]

_LOG = logging.getLogger(__name__)


class Models:
    """Keeps the newest version of each model that can be loaded in memory.

    A new version takes over when it is loaded, not before; the one it replaces stays until its
    requests are answered. One that cannot be loaded is reported and replaces nothing.

    Args:
        directory: Folder of the models, or of the versions of one model.
        load: Makes what `Servable.become_available` takes of a folder; called in a thread.
        all_versions: Whether every version is kept loaded.
        labels: For model names the version of each label; these versions are kept loaded too.
        report: Called with a sentence about each version that comes, goes or fails.
    """

    def __init__(
        self,
        directory: pathlib.Path,
        load: Callable[[pathlib.Path], LoadedVersion],
        *,
        all_versions: bool = False,
        labels: Mapping[str, Mapping[str, int]] | None = None,
        report: Callable[[str], None] = lambda sentence: None,
    ):
        self._directory, self._load, self._report = directory, load, report
        self._all_versions, self._labels = all_versions, labels or {}
        self._models: dict[str, dict[int, Servable]] = {}
        self._loader, self._stopped = Workers(1, 1), False

    @property
    def names(self) -> list[str]:
        """Names of the models with a version that takes requests."""
        return sorted(name for name in self._models if self._latest(name) is not None)

    def labels(self, name: str) -> Mapping[str, int]:
        """Returns the version of each label of a model.

        Args:
            name: Name of the model.
        """
        return self._labels.get(name, {})

    def available(self, name: str) -> list[int]:
        """Returns the versions that take requests, the newest first.

        Args:
            name: Name of the model.
        """
        versions = self._models.get(name, {}).values()
        numbers = (each.number for each in versions if each.state == "AVAILABLE")
        return sorted(numbers, reverse=True)

    def find(self, name: str, version: int | None = None, label: str | None = None) -> Servable:
        """Returns the version that answers a request.

        Args:
            name: Name of the model.
            version: Its number; the newest one by default.
            label: Its label, instead of a number.

        Raises:
            RequestError: Where no such version takes requests.
        """
        version = self._labelled(name, label) if label is not None else version
        number = self._latest(name) if version is None else version
        servable = None if number is None else self._models.get(name, {}).get(number)
        if servable is None or servable.state != "AVAILABLE":
            wanted = f"Latest({name})" if version is None else f"Specific({name}, {version})"
            raise RequestError(f"Servable not found for request: {wanted}", 404)
        return servable

    def statuses(
        self, name: str, version: int | None = None, label: str | None = None
    ) -> list[dict[str, Any]]:
        """Returns the `ModelVersionStatus` of the versions of a model, the newest first.

        Args:
            name: Name of the model.
            version: The only one that is asked for.
            label: Its label, instead of a number.

        Raises:
            RequestError: Where there is none.
        """
        versions = self._models.get(name, {})
        version = self._labelled(name, label) if label is not None else version
        if version is None and not versions:
            raise RequestError(f"Could not find any versions of model {name}", 404)
        if version is not None and version not in versions:
            raise RequestError(f"Could not find version {version} of model {name}", 404)
        wanted = sorted(versions, reverse=True) if version is None else [version]
        return [versions[number].status() for number in wanted]

    async def start(self) -> None:
        """Loads what there is, unless `stop` is called meanwhile."""
        loading = asyncio.ensure_future(self.refresh())
        while not loading.done() and not self._stopped:
            await asyncio.wait([loading], timeout=0.1)  # a signal handler wakes nobody up
        if loading.done():
            loading.result()
        loading.cancel()

    def stop(self) -> None:
        """Ends `start`; safe in a signal handler."""
        self._stopped = True

    def close(self) -> None:
        """Begins nothing further; what is being loaded or computed is given up."""
        self._loader.close()
        for versions in self._models.values():
            for servable in versions.values():
                if servable.loaded is not None:
                    servable.loaded.workers.close()

    async def watch(self, interval: float) -> None:
        """Watches the folder until it is cancelled.

        Args:
            interval: Seconds between two checks.
        """
        while True:
            await asyncio.sleep(interval)
            try:
                await self.refresh()
            except Exception:  # whatever it is, requests go on
                _LOG.exception("The folder of models could not be looked at")

    async def refresh(self) -> None:
        """Checks the folder once, loads new versions and retires those replaced or gone."""
        found = await self._loader.run(self._look)
        for name in sorted({*self._models, *found}):
            await self._refresh_model(name, found.get(name, {}))

    def _look(self) -> dict[str, dict[int, tuple[pathlib.Path, tuple]]]:
        """Folder and stamp of each version of each model."""
        return {
            name: {number: (path, stamp(path)) for number, path in find_versions(folder).items()}
            for name, folder in find_models(self._directory).items()
        }

    async def _refresh_model(self, name: str, found: Mapping[int, tuple]) -> None:
        versions = self._models.setdefault(name, {})
        labelled = set(self.labels(name).values())
        kept = set()
        for number in sorted(found, reverse=True):
            # The first one that loads is the newest.
            if not kept or self._all_versions or number in labelled:
                if await self._is_available(name, number, *found[number]):
                    kept.add(number)
        for number, servable in versions.items():
            if number not in kept and servable.state == "AVAILABLE":
                servable.retire()
                self._report(f"{name}: version {number} takes no more requests")

    async def _is_available(self, name: str, number: int, folder, stamped) -> bool:
        """Loads a version unless that was done, or failed, with the files as they are."""
        versions = self._models[name]
        before = versions.get(number)
        if before is not None and before.stamp == stamped and before.state != "UNLOADING":
            if before.state == "AVAILABLE":
                return True
            if before.error:
                return False
        serves = before if before is not None and before.state == "AVAILABLE" else None
        servable = Servable(number, folder, stamped)
        if serves is None:
            versions[number] = servable
        try:
            loaded = await self._loader.run(self._load, folder)
        except Exception as error:
            reason = " ".join(str(error).split())[:500] or type(error).__name__
            servable.fail(reason)
            self._report(f"{name}: version {number} cannot be loaded: {reason}")
            if serves is not None:  # it goes on with what it had
                serves.stamp = stamped
            return serves is not None
        servable.become_available(loaded)
        versions[number] = servable
        if serves is not None:
            serves.retire()
        self._report(f"{name}: version {number}")
        return True

    def _latest(self, name: str) -> int | None:
        return next(iter(self.available(name)), None)

    def _labelled(self, name: str, label: str) -> int:
        version = self._labels.get(name, {}).get(label)
        if version is None:
            raise RequestError(f"Unrecognized servable version label: {label}")
        return version
