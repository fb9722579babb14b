# SPDX-License-Identifier: Apache-2.0
"""A small super-resolution network with three weight-shared subnets, for integer hardware.

Only 1x1 convolutions (no bias), depthwise 3x3 convolutions (bias, zero padding), LeakyReLU with
slope 1/8 (a shift), additions, a pixel shuffle and a bilinear anchor (half-pixel centres, clamped
borders, so its weights are multiples of 1/8 for x4 and of 1/4 for x2).

    width 0     the bilinear anchor alone
    width C/2   the first half of the channels of every layer (a prefix of every weight tensor)
    width C     all channels

    BSConv(i, o) = 1x1 i->o (no bias), then depthwise 3x3 o (bias)
    h    = head(x - 128/255)                                    BSConv 3 -> C, no activation
    t    = h;  4 blocks:  t = t + act(bs(act(bs(act(bs(t))))))  BSConv C -> C each
    t    = h + fuse(t)                                          BSConv C -> C, no activation
    y    = bilinear(x) + pixel_shuffle(tail(t))                 BSConv C -> 3*s*s, no activation

Input and output: RGB in 0..1 (8-bit value / 255). LeakyReLU is positively homogeneous and only the
depthwise layers have biases, so on 8-bit values u the same net is
    bilinear(u) + net(u - 128)   with every bias times 255: u - 128 is a signed byte, no scale needed.
"""
import json
import struct

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

MEAN = 128.0 / 255.0
SLOPE = 0.125


class BSConv(nn.Module):
    def __init__(self, cin, cout):
        super().__init__()
        self.pw = nn.Conv2d(cin, cout, 1, bias=False)
        self.dw = nn.Conv2d(cout, cout, 3, padding=1, groups=cout)

    def forward(self, x):
        return self.dw(self.pw(x))


class ESSR(nn.Module):
    """One subnet as a plain module (width = C for the full net; see `subnet`)."""

    def __init__(self, scale, width=54, blocks=4, depth=3):
        super().__init__()
        self.scale, self.width = scale, width
        self.head = BSConv(3, width)
        self.body = nn.ModuleList(
            nn.ModuleList(BSConv(width, width) for _ in range(depth)) for _ in range(blocks))
        self.fuse = BSConv(width, width)
        self.tail = BSConv(width, 3 * scale * scale)

    def forward(self, x):
        a = F.interpolate(x, scale_factor=float(self.scale), mode="bilinear", align_corners=False)
        h = self.head(x - MEAN)
        t = h
        for block in self.body:
            r = t
            for bs in block:
                r = F.leaky_relu(bs(r), SLOPE)
            t = t + r
        t = h + self.fuse(t)
        return a + F.pixel_shuffle(self.tail(t), self.scale)


def bs_names(blocks=4, depth=3):
    """The BSConv layers in order of execution."""
    return (["head"] + ["body.%d.%d" % (b, d) for b in range(blocks) for d in range(depth)]
            + ["fuse", "tail"])


def subnet(state, scale, width, blocks=4, depth=3):
    """The subnet of the first `width` channels, sliced out of the full net's state dict."""
    net = ESSR(scale, width, blocks, depth)
    own = net.state_dict()
    for k, v in own.items():
        own[k] = state[k][tuple(slice(0, n) for n in v.shape)].clone()
    net.load_state_dict(own)
    return net.eval()


def count(scale, width, blocks=4, depth=3):
    """(parameters, multiply-accumulates per low-resolution pixel); the anchor is not counted."""
    p = m = 0
    for n in bs_names(blocks, depth):
        i = 3 if n == "head" else width
        o = 3 * scale * scale if n == "tail" else width
        p += i * o + 9 * o + o
        m += i * o + 9 * o
    return p, m


def save_safetensors(path, tensors, metadata=None):
    """tensors: name -> float32 array. (Same bytes as the safetensors package would accept.)"""
    head, off, blobs = {}, 0, []
    if metadata:
        head["__metadata__"] = {k: str(v) for k, v in metadata.items()}
    for k in tensors:
        a = np.ascontiguousarray(tensors[k], dtype="<f4")
        head[k] = {"dtype": "F32", "shape": list(a.shape), "data_offsets": [off, off + a.nbytes]}
        off += a.nbytes
        blobs.append(a.tobytes())
    h = json.dumps(head, separators=(",", ":")).encode()
    h += b" " * (-len(h) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(h)) + h + b"".join(blobs))


def load_safetensors(path):
    b = open(path, "rb").read()
    n, = struct.unpack("<Q", b[:8])
    out = {}
    for k, v in json.loads(b[8:8 + n]).items():
        if k != "__metadata__":
            lo, hi = v["data_offsets"]
            out[k] = np.frombuffer(b[8 + n + lo:8 + n + hi], "<f4").reshape(v["shape"]).copy()
    return out


def describe(scale, C=54, blocks=4, depth=3, thresholds=None, receptive_radius=None):
    """The layer list, in order, as a dictionary for JSON. Values are named; inputs name earlier ones."""
    L = [{"name": "x", "type": "input", "channels": 3, "range": [0, 1], "layout": "RGB"},
         {"name": "anchor", "type": "bilinear", "input": "x", "scale": scale, "channels": 3,
          "centres": "half_pixel", "border": "clamp"},
         {"name": "x0", "type": "sub_const", "input": "x", "value": MEAN, "value_u8": 128}]

    def bs(name, inp, cin, cout, act):
        # prefix: how many input and output channels each subnet (half, full) takes
        pre = lambda n: [n // 2, n] if n == C else [n, n]
        L.append({"name": name + ".pw", "type": "conv1x1", "input": inp, "in_channels": cin,
                  "out_channels": cout, "kernel": [1, 1], "bias": False,
                  "weight": name + ".pw.weight", "prefix_in": pre(cin), "prefix_out": pre(cout),
                  "activation": "none"})
        L.append({"name": name + ".dw", "type": "dwconv3x3", "input": name + ".pw",
                  "in_channels": cout, "out_channels": cout, "kernel": [3, 3], "padding": "zero",
                  "bias": True, "weight": name + ".dw.weight", "bias_name": name + ".dw.bias",
                  "prefix_in": pre(cout), "prefix_out": pre(cout),
                  "activation": {"type": "leaky_relu", "slope": SLOPE} if act else "none"})
        return name + ".dw"

    h = bs("head", "x0", 3, C, False)
    t = h
    for b in range(blocks):
        r = t
        for d in range(depth):
            r = bs("body.%d.%d" % (b, d), r, C, C, True)
        L.append({"name": "body.%d.add" % b, "type": "add", "inputs": [t, r], "channels": C,
                  "prefix_out": [C // 2, C]})
        t = "body.%d.add" % b
    r = bs("fuse", t, C, C, False)
    L.append({"name": "fuse.add", "type": "add", "inputs": [h, r], "channels": C,
              "prefix_out": [C // 2, C]})
    r = bs("tail", "fuse.add", C, 3 * scale * scale, False)
    L.append({"name": "shuffle", "type": "pixel_shuffle", "input": r, "scale": scale,
              "channels": 3, "channel_order": "c*s*s + dy*s + dx"})
    L.append({"name": "y", "type": "add", "inputs": ["anchor", "shuffle"], "channels": 3})
    pf, mf = count(scale, C, blocks, depth)
    ph, mh = count(scale, C // 2, blocks, depth)
    return {"model": "essr_x%d" % scale, "scale": scale, "channels": C, "slope": SLOPE,
            "subnets": [{"name": "bilinear", "width": 0, "params": 0, "macs_per_lr_pixel": 0},
                        {"name": "half", "width": C // 2, "params": ph, "macs_per_lr_pixel": mh},
                        {"name": "full", "width": C, "params": pf, "macs_per_lr_pixel": mf}],
            "receptive_radius_lr": receptive_radius or blocks * depth + 3,
            "patch": {"lr_size": 32, "lr_step": 28, "overlap": "average", "last": "clamped to the border"},
            "edge_score": {"gray_u8": "(77*R + 150*G + 29*B + 128) >> 8",
                           "kernel": [[2, 0, 2], [0, -8, 0], [2, 0, 2]], "abs_saturate": 255,
                           "border": "reflect101 inside the patch", "reduce": "sum over 32x32"},
            "thresholds": thresholds, "layers": L}
