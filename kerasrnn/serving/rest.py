"""TensorFlow Serving's REST interface: status, metadata and predictions."""

from __future__ import annotations

import asyncio
import functools
import json
import logging

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from kerasrnn.serving.clients.bodies import Memory, discard, read_body
from kerasrnn.serving.clients.waiting import in_time
from kerasrnn.serving.costs import check_instances, check_tokens, token_counts
from kerasrnn.serving.errors import RequestError
from kerasrnn.serving.json_replies import reply_body, reply_parts
from kerasrnn.serving.json_requests import parse_request, read_inputs
from kerasrnn.serving.models import Models
from kerasrnn.serving.servable import LoadedVersion, signature_of
from kerasrnn.serving.settings import Settings
from kerasrnn.serving.targets import Target, parse_target
from kerasrnn.serving.workers import Workers

__all__ = ["RestInterface", "error_body", "json_response"]

_LOG = logging.getLogger(__name__)
# Above this, reading and writing JSON takes long enough to keep other requests waiting.
_SMALL_BODY, _SMALL_REPLY = 2**15, 2**13
# JSON that was read takes ten times as much as its body, so few long ones at a time will do.
_BODIES = 8
_PART = 2**18
_LINGER_SECONDS = 10.0


class RestInterface:
    """Answers everything below `/v1`; an ASGI application.

    Args:
        models: The models.
        workers: The threads that read and write long JSON.
        settings: The limits.
    """

    def __init__(self, models: Models, workers: Workers, settings: Settings):
        self._models, self._workers, self._settings = models, workers, settings
        self._memory = Memory(_BODIES * settings.max_body)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request.

        Args:
            scope: What ASGI says of it.
            receive: Gives its body.
            send: Takes the answer.
        """
        request = Request(scope, receive)
        try:
            status, content = 200, await self._answer(request)
        except RequestError as error:
            status, content = error.status, error_body(error.message)
        except ClientDisconnect:
            return
        except asyncio.CancelledError:
            # The server has waited for this request long enough; its task ends with the answer.
            status, content = 503, error_body("The server ends. Try again later")
        except Exception as error:
            _LOG.exception("A request could not be answered")
            status, content = 500, error_body(f"Internal error: {type(error).__name__}")
        try:
            await _send(request, status, content, send)
        except asyncio.CancelledError:  # the same, of a client that does not read
            return

    async def _answer(self, request: Request) -> bytes:
        raw_path = request.scope.get("raw_path") or request.url.path.encode("utf-8")
        target = parse_target(request.method, raw_path.split(b"?")[0].decode("latin-1"))
        if target.action == "status":
            statuses = self._models.statuses(target.name, target.version, target.label)
            return _written({"model_version_status": statuses})
        if target.action == "metadata":
            return self._metadata(target)
        with self._memory.of_request() as take:
            body = await read_body(
                request.stream(),
                request.headers,
                self._settings.max_body,
                self._settings.read_timeout,
                take,
            )
            if target.action != "predict":
                raise RequestError(
                    f"Expected :predict, for exports of recurrent models take no tf.Example. "
                    f"Received: :{target.action}"
                )
            return await in_time(self._predict(target, body), request, self._settings.timeout)

    def _metadata(self, target: Target) -> bytes:
        servable = self._models.find(target.name, target.version, target.label)
        with servable.in_use() as loaded:
            model_spec = {
                "name": target.name,
                "signature_name": "",
                "version": str(servable.number),
            }
            definitions = {"signature_def": {"signature_def": loaded.signature_def}}
            return _written({"model_spec": model_spec, "metadata": definitions})

    async def _predict(self, target: Target, body: bytes) -> bytes:
        servable = self._models.find(target.name, target.version, target.label)
        with servable.in_use() as loaded:
            read = functools.partial(_read, loaded, body, self._settings)
            in_thread = len(body) > _SMALL_BODY
            parsed, name, inputs, tokens = await self._workers.run(read) if in_thread else read()
            outputs = await loaded.batchers[name].answer(inputs, tokens)
            if sum(array.size for array in outputs.values()) <= _SMALL_REPLY:
                return reply_body(outputs, rows=parsed.rows)
            # Between two parts others have their turn, and a client may go.
            parts, written = reply_parts(outputs, rows=parsed.rows), []
            while part := await self._workers.run(next, parts, b""):
                written.append(part)
            return b"".join(written)


def error_body(message: str) -> bytes:
    """Writes the body of an error.

    Args:
        message: One sentence.
    """
    return _written({"error": message})


def json_response(content: bytes, status: int = 200) -> Response:
    """Makes the response for JSON.

    Args:
        content: The JSON.
        status: The HTTP status.
    """
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    return Response(content, status, headers, media_type="application/json")


def _read(loaded: LoadedVersion, body: bytes, settings: Settings):
    parsed = parse_request(body)
    name = signature_of(loaded, parsed.signature_name)
    if parsed.rows:
        check_instances(len(parsed.values), settings.max_instances)
    specs = loaded.signatures[name].inputs
    inputs = read_inputs(parsed, specs)
    tokens = token_counts(inputs, specs, loaded.reading)
    check_instances(len(tokens), settings.max_instances)
    check_tokens(tokens, settings.max_tokens)
    return parsed, name, inputs, tokens


async def _send(request: Request, status: int, content: bytes, send: Send) -> None:
    """Sends an answer as fast as the client reads it, without a copy of it all."""
    if status in (408, 413):
        await _refuse(request, status, content, send)
        return
    headers = json_response(content, status).raw_headers
    await send({"type": "http.response.start", "status": status, "headers": headers})
    for begin in range(0, len(content), _PART):
        more = begin + _PART < len(content)
        part = content[begin : begin + _PART]
        await send({"type": "http.response.body", "body": part, "more_body": more})


async def _refuse(request: Request, status: int, content: bytes, send: Send) -> None:
    """Answers at once, and ends the connection when the client has had time to read it."""
    response = json_response(content, status)
    headers = [*response.raw_headers, (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content, "more_body": True})
    if status == 413:
        await discard(_chunks(request), _LINGER_SECONDS)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _chunks(request: Request):
    """What is left of a body, also where its reading was broken off."""
    while True:
        message = await request.receive()
        if message["type"] != "http.request":
            return
        yield message.get("body", b"")
        if not message.get("more_body"):
            return


def _written(value) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")
