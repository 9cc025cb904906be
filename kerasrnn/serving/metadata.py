"""The signatures of a SavedModel as TensorFlow Serving describes them."""

from __future__ import annotations

import pathlib
from typing import Any

from google.protobuf import json_format
from tensorflow.core.protobuf import saved_model_pb2

__all__ = ["read_signature_def"]


def read_signature_def(version: pathlib.Path) -> dict[str, Any]:
    """Reads the signature definitions from `saved_model.pb`.

    Args:
        version: Folder of the version.

    Returns:
        The definition of each signature by name, as JSON values: type, shape and tensor name of
        each input and output, and the method.
    """
    saved_model = saved_model_pb2.SavedModel()
    saved_model.ParseFromString((version / "saved_model.pb").read_bytes())
    graphs = saved_model.meta_graphs
    graph = next((each for each in graphs if "serve" in each.meta_info_def.tags), graphs[0])
    return {
        name: json_format.MessageToDict(
            definition, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
        )
        for name, definition in sorted(graph.signature_def.items())
    }
