"""The page at `/`: files of this package, and the list of models that they ask for."""

from __future__ import annotations

import importlib.resources
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kerasrnn.serving.models import Models
from kerasrnn.serving.notes import lengths_of
from kerasrnn.serving.rest import error_body, json_response
from kerasrnn.serving.settings import Settings

__all__ = ["not_found", "page_routes"]

_SCRIPTS = ("page", "inputs", "answers", "charts", "elements", "tokens", "several", "table", "csv")
_SCRIPTS += ("numbers", "forecast")
# What the page is told of what an export says of itself.
_NOTES = ("title", "task", "columns", "targets", "quantiles", "example")
_FILES = {
    "/": ("index.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    **{f"/{name}.js": (f"{name}.js", "text/javascript") for name in _SCRIPTS},
}
_HEADERS = {
    # Nothing from anywhere else; pictures that the user chose are blobs.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src 'self' blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def page_routes(models: Models, settings: Settings) -> list[Route]:
    """Makes the routes of the page.

    Args:
        models: The models that the page offers.
        settings: The limits, which the page keeps to when it asks many rows.
    """

    limits = {"rows": settings.max_batch, "bytes": settings.max_body}

    async def list_models(request: Request) -> Response:
        listed = [_described(models, name) for name in models.names]
        return json_response(json.dumps({"models": listed, "limits": limits}).encode("utf-8"))

    return [
        *(Route(path, _file_endpoint(*file)) for path, file in _FILES.items()),
        Route("/models.json", list_models),
        Route("/favicon.ico", _nothing),
    ]


async def not_found(request: Request, error: Exception) -> Response:
    """Answers for an address outside of the interface.

    Args:
        request: The request.
        error: What Starlette raised.
    """
    return json_response(error_body(f"Not found: {request.url.path[:200]}"), 404)


async def _nothing(request: Request) -> Response:
    """There is no icon, which is no error."""
    return Response(status_code=204)


def _file_endpoint(name: str, media_type: str):
    content = importlib.resources.files("kerasrnn.serving").joinpath("static", name).read_bytes()

    async def endpoint(request: Request) -> Response:
        return Response(content, headers=_HEADERS, media_type=media_type)

    return endpoint


def _described(models: Models, name: str) -> dict[str, Any]:
    """What the page shows of a model: its versions, newest first, and their signatures."""
    versions = []
    for number in models.available(name):
        with models.find(name, number).in_use() as loaded:
            versions.append(
                {
                    "version": str(number),
                    **{key: loaded.notes.get(key) for key in _NOTES},
                    "signatures": {
                        signature: {
                            "inputs": {key: _spec(spec) for key, spec in each.inputs.items()},
                            "outputs": list(each.outputs),
                            "lengths": lengths_of(loaded.notes, signature) or {},
                        }
                        for signature, each in loaded.signatures.items()
                    },
                }
            )
    return {"name": name, "versions": versions, "labels": dict(models.labels(name))}


def _spec(spec) -> dict[str, Any]:
    return {"dtype": spec.dtype, "shape": spec.shape}
