"""PyTorch's layers for batches of sequences of different lengths, so that padding never changes a result.

An exported network takes no lengths: they are left in `lengths`, where the layers look for them.
"""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

lengths = None  # B, int64, of the batch under way; None: all are whole

RECURRENT = (nn.RNN, nn.LSTM, nn.GRU)
# What works on each step by itself, or is told of the lengths below; and what comes after the steps are pooled.
KNOWN = RECURRENT + (nn.TransformerEncoderLayer, nn.Embedding, nn.Linear, nn.LayerNorm, nn.Dropout)
KNOWN_BY_NAME = ("AdditiveAttention", "PositionalEncoding")


def set_lengths(of_batch):
    global lengths
    lengths = None if of_batch is None else of_batch.clamp(min=1)


def padding(steps):
    """B×steps, true at padded ones."""
    return torch.arange(steps) >= lengths.unsqueeze(1)


def recurrent(forward):
    def with_lengths(self, x, hx=None):
        if lengths is None or isinstance(x, nn.utils.rnn.PackedSequence):
            return forward(self, x, hx)
        packed, state = forward(self, pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False), hx)
        output, _ = pad_packed_sequence(packed, batch_first=True, total_length=x.size(1))
        # Every sequence's last step goes on to the end, where `output[:, -1]` looks for it.
        places = torch.minimum(torch.arange(x.size(1)), lengths.unsqueeze(1) - 1)
        return output.gather(1, places.unsqueeze(2).expand(-1, -1, output.size(2))), state

    return with_lengths


def encoder_layer(forward):
    def with_lengths(self, src, src_mask=None, src_key_padding_mask=None):
        mask = src_key_padding_mask if lengths is None else padding(src.size(1))
        return forward(self, src, src_mask, mask)

    return with_lengths


def additive_attention(self, x):
    scores = self.score(torch.tanh(self.proj(x)))
    if lengths is not None:
        scores = scores.masked_fill(padding(x.size(1)).unsqueeze(2), float("-inf"))
    return (torch.softmax(scores, dim=1) * x).sum(dim=1)


def unknown_layer(model):
    """The name of a layer that would mix padding with the rest; None where there is none."""
    for name, module in model.named_modules():
        is_known = isinstance(module, KNOWN) or type(module).__name__ in KNOWN_BY_NAME
        if not is_known and not list(module.children()):
            return name
    return None


def teach(exported):
    """Makes PyTorch's layers and those of the exported module heed `lengths`."""
    for layer in RECURRENT:
        layer.forward = recurrent(layer.forward)
    nn.TransformerEncoderLayer.forward = encoder_layer(nn.TransformerEncoderLayer.forward)
    if hasattr(exported, "AdditiveAttention"):
        exported.AdditiveAttention.forward = additive_attention
