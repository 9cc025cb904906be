"""Options of an encoder of images that is there before the training."""

from __future__ import annotations

import dataclasses
from typing import Annotated

from kerasrnn.checks import UserError
from kerasrnn.options.fields import Unrecorded
from kerasrnn.options.options import Options

__all__ = ["OwnEncoder"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class OwnEncoder(Options):
    """An encoder of images of one's own.

    Args:
        encoder: For images: a Keras model, .keras, from an image to a grid (h, w, c), whose places
            are read one by one, or to a vector (c,). It gets pixels from 0 to 1, of the size of its
            input where that is fixed; one that wants 0 to 255 can begin with Rescaling(255). Its
            layers are Keras' own, and no Lambda.
        freeze_encoder: Whether the weights of `encoder` stay as they are, with its
            BatchNormalization as in prediction; otherwise all of them are trained too.
    """

    encoder: Annotated[str | None, Unrecorded(None)] = None
    freeze_encoder: Annotated[bool, Unrecorded(True)] = True

    def check_paths(self) -> None:
        super().check_paths()
        # The file itself is read with the first image; a run that goes on needs it no more.
        if self.encoder is None and not self.freeze_encoder:
            raise UserError(
                "Expected a file of a model, `encoder`, beside `freeze_encoder`. "
                "Received: freeze_encoder=False and none"
            )
