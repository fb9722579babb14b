# SPDX-License-Identifier: Apache-2.0
"""Edge selection: which subnet runs on which patch, and what it costs and saves. NumPy
(and PyTorch with --torch, for speed).

    python3 edge_select.py essr_x4 IMAGE.png ... [--thresholds 8,40 8,22 ...] [--step 28] [--torch]

Thresholds are written per pixel (score / 1024): below the first bilinear, below the second half, else full.
Patches of 32 x 32 low-resolution pixels; the last row and column are clamped to the border; every
patch is computed alone (zero padding inside the net); overlapping outputs are averaged.
PSNR on Y (16..235) of the rounded 8-bit image, border of `scale` pixels left out.
"""
import argparse
import os
import sys
import time

import numpy as np
from PIL import Image

import numpy_forward as nf


def taps(n_in, n_out, scale):
    """MATLAB's antialiased bicubic: weights and indices, [n_out, taps]."""
    def cubic(x):
        a = np.abs(x)
        return np.where(a <= 1, 1.5 * a**3 - 2.5 * a**2 + 1, np.where(a <= 2, -0.5 * a**3 + 2.5 * a**2 - 4 * a + 2, 0.0))
    kern, width = ((lambda x: scale * cubic(scale * x)), 4.0 / scale) if scale < 1 else (cubic, 4.0)
    u = np.arange(1, n_out + 1) / scale + 0.5 * (1 - 1 / scale)
    ind = np.floor(u - width / 2)[:, None] + np.arange(int(np.ceil(width)) + 2)[None, :]
    w = kern(u[:, None] - ind)
    mirror = np.concatenate([np.arange(n_in), np.arange(n_in)[::-1]])
    return w / w.sum(1, keepdims=True), mirror[np.mod(ind - 1, 2 * n_in).astype(int)]


def imresize(x, scale):
    """x: [3, H, W]"""
    w, i = taps(x.shape[1], int(round(x.shape[1] * scale)), scale)
    x = sum(w[:, k][:, None] * x[:, i[:, k]] for k in range(w.shape[1]))
    w, i = taps(x.shape[2], int(round(x.shape[2] * scale)), scale)
    return sum(w[:, k] * x[:, :, i[:, k]] for k in range(w.shape[1]))


def load_pair(path, s):
    hr = np.asarray(Image.open(path).convert("RGB")).astype(np.float64).transpose(2, 0, 1)
    hr = hr[:, :hr.shape[1] // s * s, :hr.shape[2] // s * s]
    return hr, np.clip(np.round(imresize(hr, 1 / s)), 0, 255).astype(np.uint8)


def psnr_y(y, hr, sh):
    k = np.array([65.481, 128.553, 24.966]) / 255
    d = np.clip(np.round(y), 0, 255) - hr
    d = (k[0] * d[0] + k[1] * d[1] + k[2] * d[2])[sh:-sh, sh:-sh]
    return 10 * np.log10(255.0**2 / np.mean(d * d))


def edge_score(p):
    """p: [3, N, 32, 32] uint8 -> [N] integer: the sum of |Laplacian| (saturated to 255) over the patch."""
    r, g, b = p.astype(np.int32)
    y = (77 * r + 150 * g + 29 * b + 128) >> 8
    q = np.pad(y, ((0, 0), (1, 1), (1, 1)), mode="reflect")
    lap = 2 * (q[:, :-2, :-2] + q[:, :-2, 2:] + q[:, 2:, :-2] + q[:, 2:, 2:]) - 8 * q[:, 1:-1, 1:-1]
    return np.minimum(np.abs(lap), 255).sum((1, 2))


def grid(n, size, step):
    return sorted(set(list(range(0, n - size, step)) + [n - size]))


TORCH = {}


def run(spec, w, lr, subnet, chunk=8, quant=None):
    """lr: [3, N, h, w] uint8 -> float32 0..255"""
    out = []
    if TORCH and quant is None and subnet:      # the same in PyTorch, several times faster
        import torch
        with torch.no_grad():
            for i in range(0, lr.shape[1], 16):
                x = torch.from_numpy(lr[:, i:i + 16].astype(np.float32) / np.float32(255)).transpose(0, 1)
                x = x.contiguous(memory_format=torch.channels_last)
                out.append(TORCH[subnet](x).transpose(0, 1).numpy() * 255)
        return np.concatenate(out, 1)
    for i in range(0, lr.shape[1], chunk):
        x = lr[:, i:i + chunk].astype(np.float32) / np.float32(255)
        out.append(nf.forward(spec, w, x, subnet, quant) * 255)
    return np.concatenate(out, 1)


class Image_:
    def __init__(self, spec, w, path, size=32, step=28):
        self.s = s = spec["scale"]
        self.hr, self.lr = load_pair(path, s)
        H, W = self.lr.shape[1:]
        self.pos = [(y, x) for y in grid(H, size, step) for x in grid(W, size, step)]
        p = np.stack([self.lr[:, y:y + size, x:x + size] for y, x in self.pos], 1)
        self.size = size
        self.score = edge_score(p)
        self.out = [np.clip(np.round(run(spec, w, p, k)), 0, 255).astype(np.uint8) for k in range(3)]

    def compose(self, choice):
        s, n = self.s, self.size * self.s
        acc = np.zeros(self.hr.shape, np.uint16)
        cnt = np.zeros(self.hr.shape[1:], np.uint16)
        for i, (y, x) in enumerate(self.pos):
            acc[:, y * s:y * s + n, x * s:x * s + n] += self.out[choice[i]][:, i]
            cnt[y * s:y * s + n, x * s:x * s + n] += 1
        return acc.astype(np.float32) / cnt.astype(np.float32)

    def choose(self, t):
        return (self.score >= 1024 * t[0]).astype(int) + (self.score >= 1024 * t[1])


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("prefix")
    ap.add_argument("images", nargs="+")
    ap.add_argument("--thresholds", nargs="*", type=lambda v: tuple(float(k) for k in v.split(",")),
                    default=[(4, 20), (8, 22), (8, 40), (15, 40), (15, 60), (8, 8)])
    ap.add_argument("--step", type=int, default=28)
    ap.add_argument("--whole", action="store_true", help="also the full net on the whole image")
    ap.add_argument("--torch", action="store_true", help="run the net in PyTorch instead of NumPy")
    a = ap.parse_args()
    spec, w = nf.load(a.prefix)
    s = spec["scale"]
    if a.torch:
        import torch
        import essr
        st = {k: torch.from_numpy(v.copy()) for k, v in w.items()}
        for k in (1, 2):
            TORCH[k] = essr.subnet(st, s, spec["subnets"][k]["width"]).to(memory_format=torch.channels_last)
    mac = [n["macs_per_lr_pixel"] for n in spec["subnets"]]
    inf = float("inf")
    rows = [("all bilinear", (inf, inf)), ("all half", (-1, inf)), ("all full", (-1, -1))] + [("%g,%g" % t, t) for t in a.thresholds]
    acc = {k: np.zeros(5) for k, _ in rows}
    whole = np.zeros(2)
    for f in a.images:
        t0 = time.time()
        im = Image_(spec, w, f, 32, a.step)
        line = []
        for k, t in rows:
            c = im.choose(t)
            p = psnr_y(im.compose(c), im.hr, s)
            share = np.bincount(c, minlength=3) / len(c)
            acc[k] += np.r_[p, share @ mac / mac[2], share] / len(a.images)
            line.append("%.2f" % p)
        if a.whole:
            x = im.lr[:, None]
            whole += [psnr_y(run(spec, w, x, k)[:, 0], im.hr, s) / len(a.images) for k in (1, 2)]
        print(os.path.basename(f)[:16], len(im.pos), "patches", " ".join(line), "%.1f s" % (time.time() - t0), flush=True)
    print("policy        PSNR-Y  drop   MAC%   saving  bilinear/half/full %")
    for k, _ in rows:
        v = acc[k]
        print("%-13s %6.3f %6.3f %6.1f %6.1f   %.1f / %.1f / %.1f" % (k, v[0], acc["all full"][0] - v[0], 100 * v[1], 100 - 100 * v[1], *(100 * v[2:])))
    if a.whole:
        print("whole image, no patches: half %.3f full %.3f" % tuple(whole))
