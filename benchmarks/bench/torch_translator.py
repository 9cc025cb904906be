"""A translator in PyTorch, as its users write one: GRUs of both ways, dot attention, a loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import nn

BEGIN, PADDING, RESERVED = 2, 0, 4  # the ids below the last are never drawn


class TorchTranslator(nn.Module):
    """An encoder-decoder of random weights, whose answers all have the same number of tokens.

    Args:
        numbers: The id of each token.
        units: Units of each direction of the encoder; the decoder has twice as many.
        steps: Tokens of an answer.
        characters: Whether a token is a character; otherwise a word.
    """

    def __init__(
        self, numbers: Mapping[str, int], units: int, steps: int, characters: bool = False
    ):
        super().__init__()
        self.numbers, self.steps, self.characters = dict(numbers), steps, characters
        self.tokens = {number: token for token, number in self.numbers.items()}
        size, width = max(self.tokens) + 1, 2 * units
        self.read = nn.Embedding(size, units)
        self.written = nn.Embedding(size, units)
        self.encoder = nn.GRU(units, units, batch_first=True, bidirectional=True)
        self.decoder = nn.GRUCell(units, width)
        self.attended = nn.Linear(2 * width, width, bias=False)
        self.output = nn.Linear(width, size)

    def encode(self, texts: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Returns the memory `(B, S, U)`, its mask `(B, S)` and the first state `(B, U)`."""
        split = [list(text) if self.characters else text.split() for text in texts]
        rows = [torch.tensor([self.numbers[token] for token in tokens]) for tokens in split]
        packed = nn.utils.rnn.pack_sequence(rows, enforce_sorted=False)
        memory, state = self.encoder(packed._replace(data=self.read(packed.data)))
        memory, lengths = nn.utils.rnn.pad_packed_sequence(memory, batch_first=True)
        mask = torch.arange(memory.shape[1]) < lengths[:, None]
        return memory, mask, state.transpose(0, 1).flatten(1)

    def log_probs(self, tokens, state, memory, mask):
        """One step: the log-probabilities `(B, V)` and the state after it."""
        state = self.decoder(self.written(tokens), state)
        scores = (memory @ state[:, :, None])[:, :, 0].masked_fill(~mask, -1e9)
        context = (scores.softmax(-1)[:, None] @ memory)[:, 0]
        logits = self.output(torch.tanh(self.attended(torch.cat([state, context], -1))))
        logits[:, : RESERVED + 1] = -1e9
        return logits.log_softmax(-1), state

    @torch.no_grad()
    def greedy(self, texts: Sequence[str]) -> list[str]:
        memory, mask, state = self.encode(texts)
        tokens, answers = torch.full((len(texts),), BEGIN), []
        for _ in range(self.steps):
            log_probs, state = self.log_probs(tokens, state, memory, mask)
            tokens = log_probs.argmax(-1)
            answers.append(tokens)
        return self.texts(torch.stack(answers, 1))

    @torch.no_grad()
    def beam(self, texts: Sequence[str], width: int) -> list[str]:
        memory, mask, state = (each.repeat_interleave(width, 0) for each in self.encode(texts))
        rows = torch.arange(len(texts))[:, None] * width
        tokens = torch.full((len(texts) * width,), BEGIN)
        total = torch.tensor([0.0] + [-1e9] * (width - 1)).repeat(len(texts), 1)
        answers = torch.zeros((len(texts) * width, 0), dtype=torch.long)
        for _ in range(self.steps):
            log_probs, state = self.log_probs(tokens, state, memory, mask)
            size = log_probs.shape[-1]
            scores = (total[:, :, None] + log_probs.view(-1, width, size)).flatten(1)
            total, best = scores.topk(width, -1)
            source, tokens = (rows + best // size).flatten(), (best % size).flatten()
            state = state[source]
            answers = torch.cat([answers[source], tokens[:, None]], 1)
        return self.texts(answers.view(len(texts), width, -1)[:, 0])

    def texts(self, ids: torch.Tensor) -> list[str]:
        joined = "" if self.characters else " "
        return [joined.join(self.tokens.get(each, "") for each in row) for row in ids.tolist()]
