"""Checks of arguments that many functions share; each error is one sentence."""

from kerasrnn.checks.bounds import (
    MOST_LENGTH,
    check_integer,
    check_layers,
    check_length,
    check_matrix,
    check_number,
    check_order,
    check_share,
    check_size,
)
from kerasrnn.checks.damaged_error import DamagedError
from kerasrnn.checks.diverged_error import DivergedError
from kerasrnn.checks.lists import check_list, check_sentences, check_text_pairs, check_texts
from kerasrnn.checks.machine import check_memory, memory_limit
from kerasrnn.checks.names import check_choice, first_of
from kerasrnn.checks.stopped_error import StoppedError
from kerasrnn.checks.user_error import UserError

__all__ = [
    "MOST_LENGTH",
    "DamagedError",
    "DivergedError",
    "StoppedError",
    "UserError",
    "check_choice",
    "check_integer",
    "check_layers",
    "check_length",
    "check_list",
    "check_matrix",
    "check_memory",
    "check_number",
    "check_order",
    "check_sentences",
    "check_share",
    "check_size",
    "check_text_pairs",
    "check_texts",
    "first_of",
    "memory_limit",
]
