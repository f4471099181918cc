"""Exports networks with PyTorch, for the test of the ONNX import: FOLDER SET

SET is `small` (the layers one by one, opsets 9 to 17, both forms of BatchNorm) or `torchvision`. Writes NAME.onnx,
NAME.input.npy and NAME.output.npy, and models.json: [{name, parameters, macs}], a figure null where PyTorch's own and
ONNX's can't be the same (BatchNorm folded away, parameters that evaluation doesn't use).
"""
import json
import math
import os
import sys
import warnings

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
folder, which = sys.argv[1], sys.argv[2]
models = []


def macs_of(model, inputs):
    """Multiply-adds of convolutions, linear layers and recurrent gates, by hooks; one sample."""
    total = 0

    def convolution(module, _, output):
        nonlocal total
        total += module.weight.numel() * output[0, 0].numel()

    def transposed(module, arguments, _):
        nonlocal total
        total += module.weight.numel() * arguments[0][0, 0].numel()

    def linear(module, _, output):
        nonlocal total
        total += module.in_features * output[0].numel()

    def recurrent(module, arguments, _):
        nonlocal total
        steps = arguments[0].shape[1 if module.batch_first else 0]
        total += steps * sum(p.numel() for n, p in module.named_parameters() if n.startswith("weight"))

    handles = []
    for module in model.modules():
        rule = None
        if isinstance(module, nn.modules.conv._ConvTransposeNd):
            rule = transposed
        elif isinstance(module, nn.modules.conv._ConvNd):
            rule = convolution
        elif isinstance(module, nn.Linear):
            rule = linear
        elif isinstance(module, nn.RNNBase):
            rule = recurrent
        if rule:
            handles.append(module.register_forward_hook(rule))
    with torch.no_grad():
        model(*inputs)
    for handle in handles:
        handle.remove()
    return total


def stirred(model):
    """Running statistics and zero or one vectors get values that matter."""
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.running_mean.uniform_(-0.1, 0.1)
            module.running_var.uniform_(0.8, 1.2)
    for parameter in model.parameters():
        if parameter.dim() <= 1 or float(parameter.detach().abs().max()) == 0:
            parameter.data.add_(torch.randn_like(parameter) * 0.05)
    return model.eval()


def add(name, model, *inputs, opset=13, dynamic=False, preserve=False, exact=True, counts_macs=True, folding=True):
    model = stirred(model)
    axes = {"input": {0: "batch"}, "output": {0: "batch"}} if dynamic else None
    training = torch.onnx.TrainingMode.PRESERVE if preserve else torch.onnx.TrainingMode.EVAL
    path = os.path.join(folder, name)
    try:
        torch.onnx.export(model, inputs, path + ".onnx", opset_version=opset, input_names=["input"],
                          output_names=["output"], dynamic_axes=axes, training=training, do_constant_folding=folding)
    except (torch.onnx.errors.OnnxExporterError, RuntimeError) as error:
        print(f"{name}: PyTorch can't export it in this opset ({str(error).splitlines()[0][:80]})")
        return
    model.eval()
    if dynamic:
        inputs = tuple(torch.cat([x, x.flip(-1)]) for x in inputs)
    with torch.no_grad():
        output = model(*inputs)
    np.save(path + ".input.npy", np.ascontiguousarray(inputs[0].numpy()))
    np.save(path + ".output.npy", np.ascontiguousarray(output.numpy()))
    models.append({"name": name,
                   "parameters": sum(p.numel() for p in model.parameters()) if exact else None,
                   "macs": macs_of(model, inputs) if counts_macs else None})


class Function(nn.Module):
    def __init__(self, function, **modules):
        super().__init__()
        self.function = function
        for name, module in modules.items():
            setattr(self, name, module)

    def forward(self, x):
        return self.function(self, x)


def image(*sizes):
    return torch.randn(1, *(sizes or (4, 9, 8)))


def small():
    block = nn.Sequential(nn.Conv2d(4, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6), nn.ReLU(),
                          nn.MaxPool2d(2, ceil_mode=True), nn.Conv2d(6, 6, 3, groups=3), nn.BatchNorm2d(6),
                          nn.Hardswish(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 5))
    for opset in range(9, 18):
        add(f"block_opset{opset}", block, image(), opset=opset, exact=False)
        add(f"block_preserved{opset}", block, image(), opset=opset, preserve=True)
    add("block_dynamic", block, image(), dynamic=True, preserve=True)
    add("block_unfolded", block, image(), preserve=True, folding=False)

    for opset in (9, 11, 12, 13, 17):
        for name, rule in {
            "softmax": lambda s, x: F.softmax(x, 1),
            "softmax_last": lambda s, x: F.log_softmax(x, -1),
            "clip": lambda s, x: torch.clamp(x, -0.5, 0.7) + F.relu6(3 * x),
            "pad": lambda s, x: F.pad(F.pad(x, (1, 2, 0, 1), value=0.5), (1, 1, 2, 0), mode="reflect"),
            "replicate": lambda s, x: F.pad(x, (1, 2, 0, 1), mode="replicate"),
            "squeeze": lambda s, x: x.unsqueeze(2).squeeze(2).unsqueeze(-1),
            "split": lambda s, x: torch.cat(list(torch.split(x, [1, 3], 1))[::-1] + list(x.chunk(2, 1)), 1),
            "slice": lambda s, x: x[:, 1:4, ::2, -3:],
            "select": lambda s, x: x[:, 2] + x[:, :, 0, :1].unsqueeze(-1).mean(1),
            "reduce": lambda s, x: x.mean((2, 3)) + x.sum(3).amax(2),
            "flatten": lambda s, x: x.view(x.shape[0], 2, -1).permute(0, 2, 1).flatten(1),
            "glu": lambda s, x: F.glu(x, 1),
        }.items():
            add(f"{name}_opset{opset}", Function(rule), image(), opset=opset, dynamic=opset == 13)

    activations = dict(elu=nn.ELU(0.7), selu=nn.SELU(), celu=nn.CELU(1.3), gelu=nn.GELU(), silu=nn.SiLU(), mish=nn.Mish(),
                       hardsigmoid=nn.Hardsigmoid(), hardswish=nn.Hardswish(), hardtanh=nn.Hardtanh(-0.3, 0.4),
                       softplus=nn.Softplus(), softsign=nn.Softsign(), logsigmoid=nn.LogSigmoid(), prelu=nn.PReLU(4),
                       prelu_one=nn.PReLU(), leaky=nn.LeakyReLU(0.2), rrelu=nn.RReLU(), tanhshrink=nn.Tanhshrink(),
                       relu6=nn.ReLU6(), sigmoid=nn.Sigmoid(), tanh=nn.Tanh(), gelu_tanh=nn.GELU("tanh"))
    for name, module in activations.items():
        for opset in (9, 14):
            add(f"{name}_opset{opset}", nn.Sequential(module), image(), opset=opset)

    norms = dict(layer=(nn.LayerNorm(8), image()), layer2=(nn.LayerNorm((9, 8)), image()),
                 layer_plain=(nn.LayerNorm(8, elementwise_affine=False), image()),
                 group=(nn.GroupNorm(2, 4), image()), group_plain=(nn.GroupNorm(4, 4, affine=False), image()),
                 instance=(nn.InstanceNorm2d(4, affine=True), image()), instance_plain=(nn.InstanceNorm1d(4), image(4, 9)),
                 batch1=(nn.BatchNorm1d(4), image(4, 9)), batch_vector=(nn.BatchNorm1d(7), torch.randn(1, 7)),
                 batch3=(nn.BatchNorm3d(3), image(3, 4, 5, 6)), lrn=(nn.LocalResponseNorm(3, 0.01, 0.7, 2.0), image()))
    for name, (module, x) in norms.items():
        # Later opsets get an If of local_response_norm.
        for opset in (9,) if name == "lrn" else (9, 13, 17):
            add(f"norm_{name}_opset{opset}", nn.Sequential(module), x, opset=opset, preserve=True)
    add("norm_group_dynamic", nn.Sequential(nn.GroupNorm(2, 4)), image(), dynamic=True)
    add("norm_layer_dynamic", nn.Sequential(nn.LayerNorm(8)), image(), dynamic=True)

    convolutions = dict(
        conv1=(nn.Conv1d(4, 6, 3, stride=2, padding=1), image(4, 17)),
        conv3=(nn.Conv3d(2, 4, (3, 2, 3), padding=(1, 0, 1), bias=False), image(2, 5, 6, 7)),
        dilated=(nn.Conv2d(4, 8, 3, dilation=2, groups=4), image()), same=(nn.Conv2d(4, 4, 4, padding="same"), image()),
        reflect=(nn.Conv2d(4, 4, 3, padding=1, padding_mode="reflect"), image()),
        up1=(nn.ConvTranspose1d(4, 3, 4, 2, 1), image(4, 9)), up2=(nn.ConvTranspose2d(4, 6, 3, 2, 1, 1, groups=2), image()),
        up3=(nn.ConvTranspose3d(2, 2, 2, 2), image(2, 3, 4, 5)),
        avg=(nn.AvgPool2d(3, 2, 1), image()), avg_outside=(nn.AvgPool2d(3, 2, 1, count_include_pad=False), image()),
        avg_ceil=(nn.AvgPool2d(2, 2, ceil_mode=True), image()), max1=(nn.MaxPool1d(3, 2, 1), image(4, 9)),
        max3=(nn.MaxPool3d(2), image(2, 4, 6, 6)), max_dilated=(nn.MaxPool2d(2, 1, dilation=2), image()),
        adaptive=(nn.AdaptiveAvgPool2d((3, 4)), image(4, 9, 8)), adaptive_max=(nn.AdaptiveMaxPool2d(1), image()),
        shuffle=(nn.PixelShuffle(2), image(8, 3, 4)), unshuffle=(nn.PixelUnshuffle(2), image(3, 4, 6)),
        channels=(Function(lambda s, x: x.view(1, 2, 2, 9, 8).transpose(1, 2).reshape(1, 4, 9, 8) + 1), image()),
        nearest=(nn.Upsample(scale_factor=2), image()), bilinear=(nn.Upsample(scale_factor=2, mode="bilinear"), image()),
        bilinear_size=(nn.Upsample(size=(13, 11), mode="bilinear", align_corners=True), image()),
        nearest_size=(nn.Upsample(size=(18, 24)), image()), bicubic=(nn.Upsample(scale_factor=2, mode="bicubic"), image()))
    for name, (module, x) in convolutions.items():
        add(f"spatial_{name}", nn.Sequential(module), x)
        if name.startswith(("nearest", "avg", "max", "shuffle")):
            add(f"spatial_{name}_opset9", nn.Sequential(module), x, opset=9)

    def sequence(**names):
        return Function(names.pop("rule"), **names)

    words = torch.randint(0, 20, (1, 7))
    series = torch.randn(1, 7, 5)
    for kind in (nn.RNN, nn.LSTM, nn.GRU):
        name = kind.__name__.lower()
        for opset in (9, 13):
            add(f"{name}_all_opset{opset}", sequence(rule=lambda s, x: s.r(x)[0], r=kind(5, 6, batch_first=True)), series,
                opset=opset)
            add(f"{name}_both_opset{opset}", sequence(rule=lambda s, x: s.r(x)[0], r=kind(5, 6, batch_first=True,
                                                                                       bidirectional=True)), series, opset=opset)
        add(f"{name}_hidden", sequence(rule=lambda s, x: (lambda h: h[0] if isinstance(h, tuple) else h)(s.r(x)[1])[-1],
                                       r=kind(5, 6, num_layers=2, batch_first=True)), series)
        add(f"{name}_last", sequence(rule=lambda s, x: s.r(x)[0][:, -1], r=kind(5, 6, batch_first=True, bias=False)), series)
        add(f"{name}_states", sequence(rule=lambda s, x: (lambda o, h: torch.cat([o[:, 0], (h[0] if isinstance(h, tuple) else h)[0],
                                                         (h[0] if isinstance(h, tuple) else h)[1]], 1))(*s.r(x)),
                                       r=kind(5, 6, batch_first=True, bidirectional=True)), series)
        add(f"{name}_dynamic", sequence(rule=lambda s, x: s.r(x)[0], r=kind(5, 6, batch_first=True)), series, dynamic=True)
    add("rnn_relu", sequence(rule=lambda s, x: s.r(x)[0], r=nn.RNN(5, 6, nonlinearity="relu", batch_first=True)), series)
    add("lstm_time_first", sequence(rule=lambda s, x: s.f(s.r(x)[0]), r=nn.LSTM(5, 6), f=nn.Linear(6, 3)),
        torch.randn(7, 1, 5), counts_macs=False)
    for dynamic in (False, True):
        add(f"text{'_dynamic' if dynamic else ''}",
            sequence(rule=lambda s, x: s.f(s.r(s.e(x))[1][0][-1]), e=nn.Embedding(20, 5), r=nn.LSTM(5, 6, batch_first=True),
                     f=nn.Linear(6, 4)), words, dynamic=dynamic)

    attention = nn.MultiheadAttention(8, 2, batch_first=True)
    for dynamic in (False, True):
        ending = "_dynamic" if dynamic else ""
        add("attention" + ending, sequence(rule=lambda s, x: s.a(x, x, x, need_weights=False)[0], a=attention),
            torch.randn(1, 5, 8), dynamic=dynamic, counts_macs=False)
        layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, activation="gelu")
        add("transformer" + ending, sequence(rule=lambda s, x: s.a(x * 1.0), a=layer), torch.randn(1, 5, 8).requires_grad_(False),
            dynamic=dynamic, counts_macs=False)

    class Tokens(nn.Module):
        def __init__(self):
            super().__init__()
            self.token = nn.Parameter(torch.randn(1, 1, 6))
            self.places = nn.Parameter(torch.randn(1, 6, 6))
            self.gain = nn.Parameter(torch.randn(6))
            self.proj = nn.Linear(6, 4, bias=False)

        def forward(self, x):
            n = x.shape[0]
            x = torch.cat([self.token.expand(n, -1, -1), x], dim=1) + self.places
            x = self.proj(x * self.gain)
            return (x / math.sqrt(3.0) - 0.5).mean(1)

    add("tokens", Tokens(), torch.randn(1, 5, 6))
    add("tokens_dynamic", Tokens(), torch.randn(1, 5, 6), dynamic=True)
    add("mixer", sequence(rule=lambda s, x: s.a(x.transpose(1, 2)).transpose(1, 2) + s.b(x), a=nn.Linear(5, 5), b=nn.Linear(6, 6)),
        torch.randn(1, 5, 6))
    add("mixer_dynamic", sequence(rule=lambda s, x: s.a(x.transpose(1, 2)).transpose(1, 2) + s.b(x), a=nn.Linear(5, 5),
                                  b=nn.Linear(6, 6)), torch.randn(1, 5, 6), dynamic=True)
    add("arithmetic", sequence(rule=lambda s, x: torch.maximum(x * 2 - 1, 1 - x) / (x.abs() + 1) + x.exp().log() - (-x) ** 2
                               + torch.sqrt(x * x + 1) + torch.min(x, x * x)), image())
    add("squeeze_excite", sequence(rule=lambda s, x: x * torch.sigmoid(s.b(F.relu(s.a(x.mean((2, 3), keepdim=True))))),
                                   a=nn.Conv2d(4, 2, 1), b=nn.Conv2d(2, 4, 1)), image())
    add("repeat", sequence(rule=lambda s, x: x.repeat(1, 2, 1, 3)), image())
    add("outer_expand", sequence(rule=lambda s, x: x[:, :, None].expand(-1, -1, 3, -1).reshape(1, -1, 4)), torch.randn(1, 5, 4))


def torchvision_set():
    import torchvision

    names = sys.argv[3:] or ("alexnet vgg11 resnet18 densenet121 googlenet inception_v3 efficientnet_b0 mobilenet_v2 "
                             "mobilenet_v3_small mobilenet_v3_large shufflenet_v2_x1_0 regnet_y_400mf mnasnet0_5 "
                             "convnext_tiny vit_b_16 squeezenet1_0 swin_t").split()
    for name in names:
        options = dict(aux_logits=True, init_weights=False) if name in ("googlenet", "inception_v3") else {}
        torch.manual_seed(0)
        model = getattr(torchvision.models, name)(weights=None, **options)
        size = 299 if name == "inception_v3" else 224
        has_auxiliary = name in ("googlenet", "inception_v3")
        attends = name.startswith(("vit", "swin"))
        add(name, model, torch.randn(1, 3, size, size), preserve=True, exact=not has_auxiliary and name != "swin_t",
            counts_macs=not attends)
        if has_auxiliary:
            models[-1]["parameters"] = sum(p.numel() for n, p in model.named_parameters() if not n.startswith("AuxLogits")
                                           and not n.startswith("aux"))
        print(name, flush=True)


torch.manual_seed(0)
small() if which == "small" else torchvision_set()
with open(os.path.join(folder, "models.json"), "w") as file:
    json.dump(models, file)
