"""The ASGI application: REST interface, page, and the watch over the folder of models."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import pathlib
from collections.abc import Callable, Collection, Mapping

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kerasrnn.serving.clients.access_log import AccessLog
from kerasrnn.serving.clients.hosts import Hosts
from kerasrnn.serving.freed_memory import give_back_every
from kerasrnn.serving.lane import Turns
from kerasrnn.serving.models import Models
from kerasrnn.serving.page import not_found, page_routes
from kerasrnn.serving.rest import RestInterface, error_body, json_response
from kerasrnn.serving.servable import load_version
from kerasrnn.serving.settings import Settings
from kerasrnn.serving.workers import Workers

__all__ = ["create_app"]

GIVE_BACK_SECONDS = 60.0


def create_app(
    directory: str | os.PathLike[str],
    settings: Settings | None = None,
    *,
    all_versions: bool = False,
    labels: Mapping[str, Mapping[str, int]] | None = None,
    allowed_hosts: Collection[str] | None = (),
    report: Callable[[str], None] = lambda sentence: None,
    access_log: Callable[[str], None] | None = None,
) -> Starlette:
    """Makes the server of a folder of models, for any ASGI server.

    Models are loaded when it starts up, and looked after until it shuts down.

    Args:
        directory: Folder of models, or of the versions of one model.
        settings: The limits; see `Settings` for the defaults.
        all_versions: Whether all versions are served, rather than the newest of each model.
        labels: For model names the version of each label, served in any case.
        allowed_hosts: Names under which it is reached beside those of this machine; requests to
            others are refused. `None` allows any name, which opens a server on this machine to
            every web site that its user visits.
        report: Called with a sentence about each version that comes, goes or fails.
        access_log: Called with a line for each request.

    Returns:
        An application whose `state.models` are the `Models`.
    """
    settings = settings or Settings()
    load = functools.partial(load_version, settings=settings, turns=Turns())
    # What reads and writes JSON that takes long.
    workers = Workers(1, settings.max_waiting)
    models = Models(
        pathlib.Path(directory), load, all_versions=all_versions, labels=labels, report=report
    )

    @contextlib.asynccontextmanager
    async def lifespan(app):
        await models.start()
        tasks = [
            asyncio.create_task(models.watch(settings.poll_interval)),
            asyncio.create_task(give_back_every(GIVE_BACK_SECONDS)),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            models.close()
            workers.close()

    rest = RestInterface(models, workers, settings)
    # The contract ignores case.
    paths = [f"/{version}{more}" for version in ("v1", "V1") for more in ("", "/{rest:path}")]
    routes = [
        *(Route(path, rest) for path in paths),
        Route("/healthz", functools.partial(_health, models)),
        *page_routes(models, settings),
    ]
    logs = [] if access_log is None else [Middleware(AccessLog, write=access_log)]
    app = Starlette(
        routes=routes,
        lifespan=lifespan,
        middleware=[*logs, Middleware(Hosts, allowed=allowed_hosts)],
        exception_handlers={404: not_found, 405: not_found},
    )
    app.state.models = models
    return app


async def _health(models: Models, request: Request) -> Response:
    """For those who send requests where they are answered: is a model loaded?"""
    if not models.names:
        return json_response(error_body("No model is loaded"), 503)
    return json_response(b'{"status":"ok"}')
