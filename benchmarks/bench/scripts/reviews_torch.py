"""An epoch over film reviews in plain PyTorch: `python reviews_torch.py FOLDER`."""

import collections
import json
import pathlib
import re
import sys

import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence

FOLDER = pathlib.Path(sys.argv[1])
WORDS, UNKNOWN = 10_000, 1


def read(split):
    lines = (FOLDER / f"{split}.tsv").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("\t") for line in lines]
    return [(re.findall(r"\w+", text.lower()), int(label == "pos")) for text, label in pairs]


train = read("train")
counts = collections.Counter(word for words, _ in train for word in words)
ids = {word: i + 2 for i, (word, _) in enumerate(counts.most_common(WORDS - 2))}


def batches(examples, shuffle):
    encoded = [
        (torch.tensor([ids.get(word, UNKNOWN) for word in words] or [UNKNOWN]), label)
        for words, label in examples
    ]
    return torch.utils.data.DataLoader(encoded, 32, shuffle, collate_fn=lambda batch: batch)


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.dropout = nn.Embedding(WORDS, 100), nn.Dropout(0.3)
        self.gru = nn.GRU(100, 64, batch_first=True, bidirectional=True)
        self.output = nn.Linear(128, 2)

    def forward(self, texts):
        packed = pack_sequence(texts, enforce_sorted=False)
        packed, _ = self.gru(packed._replace(data=self.dropout(self.embedding(packed.data))))
        outputs, _ = pad_packed_sequence(packed, batch_first=True, padding_value=-1e9)
        return self.output(self.dropout(outputs.max(1).values))


model = Classifier()
optimizer = torch.optim.Adam(model.parameters(), 0.002)
for batch in batches(train, True):
    texts, labels = zip(*batch, strict=True)
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(texts), torch.tensor(labels)).backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
model.eval()
right = number = 0
with torch.no_grad():
    for batch in batches(read("validation"), False):
        texts, labels = zip(*batch, strict=True)
        right += (model(texts).argmax(-1) == torch.tensor(labels)).sum().item()
        number += len(labels)
torch.save(model.state_dict(), FOLDER / "torch.pt")
print(json.dumps({"accuracy": right / number}))
