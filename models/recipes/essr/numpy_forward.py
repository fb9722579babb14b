# SPDX-License-Identifier: Apache-2.0
"""Independent NumPy forward pass from essr_xN.safetensors + essr_xN.json (no PyTorch).

    python3 numpy_forward.py essr_x4           compares with the golden arrays in essr_x4_golden.npz
"""
import json
import struct
import sys

import numpy as np


def load(prefix, spec=None):
    spec = json.load(open(spec or prefix + ".json"))
    b = open(prefix + ".safetensors", "rb").read()
    n, = struct.unpack("<Q", b[:8])
    w = {}
    for k, v in json.loads(b[8:8 + n]).items():
        if k != "__metadata__":
            lo, hi = v["data_offsets"]
            w[k] = np.frombuffer(b[8 + n + lo:8 + n + hi], "<f4").reshape(v["shape"])
    return spec, w


# every tensor is [C, N, H, W]: N images or patches
def bilinear(x, s):
    def axis(x, ax):
        n = x.shape[ax]
        p = (np.arange(n * s) + 0.5) / s - 0.5
        i = np.floor(p).astype(int)
        f = (p - i).astype(x.dtype)
        sh = [1] * x.ndim
        sh[ax] = n * s
        f = f.reshape(sh)
        return np.take(x, np.clip(i, 0, n - 1), ax) * (1 - f) + np.take(x, np.clip(i + 1, 0, n - 1), ax) * f
    return axis(axis(x, 2), 3)


def dwconv(x, w, b):
    C, N, H, W = x.shape
    xp = np.zeros((C, N, H + 2, W + 2), x.dtype)
    xp[:, :, 1:-1, 1:-1] = x
    y = np.empty_like(x)
    y[:] = b[:, None, None, None]
    p = np.empty_like(x)
    for i in range(3):
        for j in range(3):
            np.multiply(xp[:, :, i:i + H, j:j + W], w[:, i, j][:, None, None, None], out=p)
            y += p
    return y


def shuffle(x, s):
    C, N, H, W = x.shape
    return x.reshape(C // (s * s), s, s, N, H, W).transpose(0, 3, 4, 1, 5, 2).reshape(C // (s * s), N, H * s, W * s)


def forward(spec, w, x, subnet, quant=None):
    """x: [3, N, H, W] float in 0..1; subnet: 0 bilinear, 1 half, 2 full.
    quant(kind, name, array) -> array, kind 'w' or 'a', is applied to weights and convolution inputs."""
    dt = x.dtype
    q = quant or (lambda kind, name, a: a)
    v = {}
    last = {}
    for i, l in enumerate(spec["layers"]):
        for k in [l.get("input")] + l.get("inputs", []):
            last[k] = i
    for i, l in enumerate(spec["layers"]):
        t = l["type"]
        if t == "input":
            v[l["name"]] = x
        elif t == "bilinear":
            v[l["name"]] = bilinear(v[l["input"]], l["scale"])
            if subnet == 0:
                return v[l["name"]]
        elif t == "sub_const":
            v[l["name"]] = v[l["input"]] - dt.type(l["value"])
        elif t in ("conv1x1", "dwconv3x3"):
            a = q("a", l["name"], v[l["input"]])
            o, c = l["prefix_out"][subnet - 1], l["prefix_in"][subnet - 1]
            k = w[l["weight"]].astype(dt)
            if t == "conv1x1":
                k = q("w", l["weight"], k[:o, :c, 0, 0])
                y = (k @ a.reshape(c, -1)).reshape((o,) + a.shape[1:])
            else:
                y = dwconv(a, q("w", l["weight"], k[:o, 0]), w[l["bias_name"]][:o].astype(dt))
            if l["activation"] != "none":
                y = np.where(y > 0, y, y * dt.type(l["activation"]["slope"]))
            v[l["name"]] = y
        elif t == "add":
            v[l["name"]] = v[l["inputs"][0]] + v[l["inputs"][1]]
        elif t == "pixel_shuffle":
            v[l["name"]] = shuffle(v[l["input"]], l["scale"])
        else:
            raise ValueError(t)
        for k in list(v):
            if k in last and last[k] <= i:
                del v[k]
    return v["y"]


if __name__ == "__main__":
    for prefix in sys.argv[1:]:
        spec, w = load(prefix)
        g = np.load(prefix + "_golden.npz")
        x = g["input"][0][:, None]
        for name, k in (("bilinear", 0), ("half", 1), ("full", 2)):
            y = forward(spec, w, x, k)[:, 0]
            print("%s %s: max difference %.3g (output %s)" % (prefix, name, np.abs(y - g["output_" + name][0]).max(), y.shape))
