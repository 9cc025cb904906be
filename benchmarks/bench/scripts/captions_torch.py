"""An epoch over captions in two languages in plain PyTorch: `python captions_torch.py FOLDER`."""

import collections
import json
import pathlib
import re
import sys

import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence, pad_sequence

FOLDER = pathlib.Path(sys.argv[1])
WORDS, UNITS, UNKNOWN, BEGIN, END = 6000, 200, 1, 2, 3


def read(split, language):
    lines = (FOLDER / f"{split}.{language}").read_text(encoding="utf-8").splitlines()
    return [re.findall(r"\w+|[^\w\s]", line) for line in lines]


ids = {}
for language in ("en", "de"):
    counts = collections.Counter(word for words in read("train", language) for word in words)
    ids[language] = {word: i + 4 for i, (word, _) in enumerate(counts.most_common(WORDS - 4))}


def encode(split, language):
    known = ids[language]
    return [[known.get(word, UNKNOWN) for word in words] for words in read(split, language)]


def batches(split):
    pairs = zip(encode(split, "en"), encode(split, "de"), strict=True)
    pairs = [(torch.tensor(en or [UNKNOWN]), torch.tensor([BEGIN, *de, END])) for en, de in pairs]
    shuffle = split == "train"
    return torch.utils.data.DataLoader(pairs, 64, shuffle, collate_fn=lambda batch: batch)


class Translator(nn.Module):
    def __init__(self):
        super().__init__()
        self.source, self.target = nn.Embedding(WORDS, UNITS), nn.Embedding(WORDS, UNITS)
        self.encoder = nn.GRU(UNITS, UNITS, batch_first=True, bidirectional=True)
        self.decoder = nn.GRU(UNITS, 2 * UNITS, batch_first=True)
        self.attended = nn.Linear(4 * UNITS, 2 * UNITS, bias=False)
        self.output, self.dropout = nn.Linear(2 * UNITS, WORDS), nn.Dropout(0.3)

    def forward(self, sources, targets):
        packed = pack_sequence(sources, enforce_sorted=False)
        embedded = packed._replace(data=self.dropout(self.source(packed.data)))
        packed, state = self.encoder(embedded)
        memory, lengths = pad_packed_sequence(packed, batch_first=True)
        padding = torch.arange(memory.shape[1]) >= lengths[:, None]
        state = state.transpose(0, 1).flatten(1)[None]
        decoded, _ = self.decoder(self.dropout(self.target(targets)), state)
        scores = (decoded @ memory.transpose(1, 2)).masked_fill(padding[:, None], -1e9)
        context = scores.softmax(-1) @ memory
        hidden = torch.tanh(self.attended(torch.cat([decoded, context], -1)))
        return self.output(self.dropout(hidden))


def loss_of(model, batch, reduction):
    sources, targets = zip(*batch, strict=True)
    targets = pad_sequence(targets, batch_first=True)
    logits = model(sources, targets[:, :-1]).flatten(0, 1)
    wanted = targets[:, 1:].flatten()
    return nn.functional.cross_entropy(logits, wanted, ignore_index=0, reduction=reduction)


model = Translator()
optimizer = torch.optim.Adam(model.parameters(), 0.002)
for batch in batches("train"):
    optimizer.zero_grad()
    loss_of(model, batch, "mean").backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
model.eval()
total = number = 0
with torch.no_grad():
    for batch in batches("validation"):
        total += loss_of(model, batch, "sum").item()
        number += sum(len(target) - 1 for _, target in batch)
torch.save(model.state_dict(), FOLDER / "torch.pt")
print(json.dumps({"loss": total / number}))
