# SPDX-License-Identifier: Apache-2.0
"""Rescale channels so that int8 activations lose less. The function of the net does not change.

    python3 equalise.py essr_x4 OUT_PREFIX --calib TRAIN_IMAGES

LeakyReLU commutes with a positive scale per channel, and so does a depthwise convolution: dividing
channel c of a tensor by s[c] where it is produced and multiplying the weights that read it by s[c]
changes nothing, for the full net and for its prefix alike. The residual stream has one scale per
channel for all its producers and consumers. Powers of two are not needed: this is done once, offline.
"""
import argparse

import numpy as np

import edge_select as es
import essr
import numpy_forward as nf
import ptq


def ranges(spec, w, images, subnet):
    r = {}

    def q(kind, name, a):
        if kind == "a":
            v = np.quantile(np.abs(a.reshape(a.shape[0], -1)), 0.9999, axis=1)
            r[name] = np.maximum(r.get(name, 0), v)
        return a
    for f in images:
        _, lr = es.load_pair(f, spec["scale"])
        es.run(spec, w, lr[:, None, :128, :128], subnet, quant=q)
    return r


def gm(v):
    return np.exp(np.mean(np.log(np.maximum(v, 1e-9))))


def equalise(spec, w, r, alpha=1.0, trunk_alpha=1.0, trunk_weights=None):
    w = {k: v.astype(np.float64) for k, v in w.items()}
    names = [l["name"][:-3] for l in spec["layers"] if l["type"] == "conv1x1"]
    blocks = 1 + max(int(n.split(".")[1]) for n in names if n.startswith("body"))
    depth = 1 + max(int(n.split(".")[2]) for n in names if n.startswith("body"))
    for n in names:                                  # between the 1x1 and the depthwise layer
        s = r[n + ".dw"] / gm(r[n + ".dw"])
        w[n + ".pw.weight"] /= s[:, None, None, None]
        w[n + ".dw.weight"] *= s[:, None, None, None]

    def scale(a, columns, al):
        a, c = np.maximum(a, 1e-9), np.maximum(columns, 1e-9)
        s = a**al / c**(1 - al)
        return s / gm(s)

    def columns(n):                                  # relative size of each input column
        k = np.abs(w[n + ".pw.weight"][:, :, 0, 0])
        return (k / k.max(1, keepdims=True)).max(0)

    def apply(producers, consumers, s):
        for p in producers:
            w[p + ".dw.weight"] /= s[:, None, None, None]
            w[p + ".dw.bias"] /= s
        for c in consumers:
            w[c + ".pw.weight"] *= s[None, :, None, None]
    for b in range(blocks):
        for d in range(depth - 1):
            c = "body.%d.%d" % (b, d + 1)
            apply(["body.%d.%d" % (b, d)], [c], scale(r[c + ".pw"], columns(c), alpha))
    cons = ["body.%d.0" % b for b in range(blocks)] + ["fuse", "tail"]
    tw = np.array(trunk_weights or [1.0] * len(cons))
    s = np.exp(sum(k * np.log(scale(r[c + ".pw"], columns(c), trunk_alpha)) for k, c in zip(tw / tw.sum(), cons)))
    apply(["head", "fuse"] + ["body.%d.%d" % (b, depth - 1) for b in range(blocks)], cons, s / gm(s))
    return {k: v.astype(np.float32) for k, v in w.items()}


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("prefix")
    ap.add_argument("out")
    ap.add_argument("--calib", required=True)
    ap.add_argument("--calib-images", type=int, default=12)
    ap.add_argument("--alpha", type=float, default=1.0)
    ap.add_argument("--trunk-alpha", type=float, default=1.0)
    ap.add_argument("--trunk-weights", type=lambda s: [float(k) for k in s.split(",")])
    a = ap.parse_args()
    spec, w = nf.load(a.prefix)
    r = ranges(spec, w, ptq.files(a.calib, a.calib_images), 2)
    v = equalise(spec, w, r, a.alpha, a.trunk_alpha, a.trunk_weights)
    x = np.random.default_rng(1).random((3, 1, 24, 20)).astype(np.float32)
    for k in (1, 2):
        print("subnet %d: max change of the output %.2e" % (k, np.abs(nf.forward(spec, w, x, k) - nf.forward(spec, v, x, k)).max()))
    essr.save_safetensors(a.out + ".safetensors", v, {"format": "pt", "model": spec["model"]})
