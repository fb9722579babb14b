# SPDX-License-Identifier: Apache-2.0
"""Train essr_x2 or essr_x4 (see essr.py) on a folder of images.

    python3 train.py --scale 4 --data IMAGES --seconds 330 --out essr_x4 --val VALIDATION_IMAGES

One GPU is enough; the learning rate follows the clock (--seconds), not a step count. Every step
trains the full net and its half-width prefix on the same patches (L1, weights 1 and --half-weight).

Speed. A 1x1 convolution without bias followed by a depthwise 3x3 IS a dense 3x3 convolution whose
filters are outer products, zero padding included. Training runs that dense form on tensor cores in
fp16 (the parameters stay the fp32 1x1 and 3x3 factors); the bias comes from a channel that is one
everywhere; the channel counts are padded to multiples of 8. The step is one CUDA graph.
"""
import argparse
import glob
import math
import os
import time

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

import essr
from imresize import imresize, psnr_y, u8


# ------------------------------------------------------------------ parameters
class Params:
    """All weights in one flat vector. Middle layers (body and fuse) are stacked."""

    def __init__(self, scale, C, blocks, depth, device, seed=1):
        g = torch.Generator().manual_seed(seed)
        self.scale, self.C, self.blocks, self.depth = scale, C, blocks, depth
        self.M = M = blocks * depth + 1
        T = 3 * scale * scale
        self.shapes = [(C, 3), (C, 3, 3), (C,), (M, C, C), (M, C, 3, 3), (M, C), (T, C), (T, 3, 3), (T,)]
        self.sizes = [int(np.prod(s)) for s in self.shapes]
        n = lambda *s: torch.randn(*s, generator=g)
        gain = math.sqrt(2 / (1 + essr.SLOPE**2))
        mid = n(M, C, C) * gain / math.sqrt(C)
        mid[depth - 1::depth] *= 0.5     # the last layer of each block
        mid[M - 1] *= 0.5                # fuse
        dw = lambda *s: n(*s, 3, 3) / 3
        init = [n(C, 3) * 2 / math.sqrt(3), dw(C), torch.zeros(C), mid, dw(M, C), torch.zeros(M, C),
                n(T, C) * 0.02 / math.sqrt(C), dw(T), torch.zeros(T)]
        self.flat = torch.cat([i.reshape(-1) for i in init]).to(device)

    def views(self, flat):
        return [p.view(s) for p, s in zip(torch.split(flat, self.sizes), self.shapes)]

    def state(self, flat):
        v = [p.detach().float().cpu() for p in self.views(flat)]
        out, m = {}, 0
        for name in essr.bs_names(self.blocks, self.depth):
            if name == "head":
                w = v[0:3]
            elif name == "tail":
                w = v[6:9]
            else:
                w = [v[3][m], v[4][m], v[5][m]]
                m += 1
            out[name + ".pw.weight"] = w[0][:, :, None, None].clone()
            out[name + ".dw.weight"] = w[1][:, None].clone()
            out[name + ".dw.bias"] = w[2].clone()
        return out

    def load(self, state):
        v = self.views(self.flat)
        m = 0
        for name in essr.bs_names(self.blocks, self.depth):
            if name == "head":
                w = v[0:3]
            elif name == "tail":
                w = v[6:9]
            else:
                w = [v[3][m], v[4][m], v[5][m]]
                m += 1
            for a, k in zip(w, (".pw.weight", ".dw.weight", ".dw.bias")):
                a.copy_(torch.as_tensor(state[name + k]).view(a.shape))


def up8(n):
    return (n + 7) // 8 * 8


class Dense:
    """Dense form of a subnet: 3x3 filters with the bias in the ones channel."""

    def __init__(self, P, width, device, dtype):
        self.P, self.w, self.cp, self.tp = P, width, up8(width + 1), up8(3 * P.scale**2)
        self.dtype = dtype
        self.tap = torch.zeros(3, 3, 1, device=device)
        self.tap[1, 1] = 1
        # which layers must produce the ones channel themselves (a residual addition brings it else)
        self.one_h = torch.zeros(self.cp, 3, 3, 8, device=device)
        self.one_h[width, 1, 1, 3] = 1
        self.one_m = torch.zeros(P.M, self.cp, 3, 3, self.cp, device=device)
        for m in range(P.M - 1):
            if m % P.depth != P.depth - 1:
                self.one_m[m, width, 1, 1, width] = 1

    def filters(self, v):
        w, cp, tp = self.w, self.cp, self.tp

        def dense(pw, dw, b, padi, pado):
            k = pw[..., :, None, None, :] * dw[..., None]                       # [.., o, 3, 3, i]
            k = torch.cat([k, b[..., None, None, None] * self.tap], -1)
            return F.pad(k, (0, padi - k.shape[-1], 0, 0, 0, 0, 0, pado - k.shape[-4]))
        h = dense(v[0][:w], v[1][:w], v[2][:w], 8, cp) + self.one_h
        m = dense(v[3][:, :w, :w], v[4][:, :w], v[5][:, :w], cp, cp) + self.one_m
        t = dense(v[6][:, :w], v[7], v[8], cp, tp)
        ch = lambda k: k.to(self.dtype).permute(0, 3, 1, 2)                     # OHWI in memory
        return ch(h), [ch(k) for k in torch.unbind(m, 0)], ch(t)

    def __call__(self, x8, v):
        """x8: [B, 8, H, W], channels-last: RGB - mean, ones, zeros. Returns [B, 3*s*s, H, W]."""
        kh, km, kt = self.filters(v)
        conv = lambda x, k: F.conv2d(x, k, padding=1)
        h = conv(x8, kh)
        t, m = h, 0
        for _ in range(self.P.blocks):
            r = t
            for _ in range(self.P.depth):
                r = F.leaky_relu_(conv(r, km[m]), essr.SLOPE)
                m += 1
            t = t + r
        t = h + conv(t, km[m])
        return conv(t, kt)[:, :3 * self.P.scale**2]


# ------------------------------------------------------------------ data
def load_image(path, device):
    a = np.asarray(Image.open(path).convert("RGB"))
    return torch.from_numpy(a.copy()).to(device).permute(2, 0, 1)


def pack(x):
    x = x.to(torch.int32)
    return (x[0] | x[1] << 8 | x[2] << 16).reshape(-1)


class Pool:
    """All images at several sizes, and the low-resolution image of each of the s*s phases, in GPU memory."""

    def __init__(self, files, scale, device, shrink):
        self.s, self.device = scale, device
        s, hr, lr, meta, hoff, loff = scale, [], [], [], 0, 0
        for f in files:
            x0 = load_image(f, device).double()
            for k in shrink:
                x = x0 if k == 1 else u8(imresize(x0, k))
                H, W = x.shape[1:]
                hr.append(pack(x))
                for py in range(s):
                    for px in range(s):
                        h, w = (H - py) // s, (W - px) // s
                        y = u8(imresize(x[:, py:py + h * s, px:px + w * s], 1 / s))
                        lr.append(pack(y))
                        meta.append((hoff + py * W + px, W, loff, h, w))
                        loff += h * w
                hoff += H * W
        self.hr, self.lr = torch.cat(hr), torch.cat(lr)
        self.meta = torch.tensor(meta, device=device)

    def draw(self, steps, B, P, g):
        """[steps, B, 7]: hr offset, hr width, lr offset, lr width, y, x, symmetry."""
        h, w = self.meta[:, 3], self.meta[:, 4]
        p = (h * w * ((h >= P) & (w >= P))).double()
        cum = torch.cumsum(p / p.sum(), 0)
        u = torch.rand(3, steps * B, device=self.device, generator=g, dtype=torch.float64)
        e = torch.searchsorted(cum, u[0]).clamp(max=len(cum) - 1)
        y = (u[1] * (h[e] - P + 1)).long()
        x = (u[2] * (w[e] - P + 1)).long()
        k = torch.randint(0, 8, (steps * B,), device=self.device, generator=g)
        m = self.meta[e]
        return torch.stack([m[:, 0], m[:, 1], m[:, 2], w[e], y, x, k], 1).view(steps, B, 7)

    def batch(self, rows, P):
        s = self.s

        def cut(src, off, stride, y, x, k, n):
            i = torch.arange(n, device=self.device)
            i, j = i[:, None].expand(n, n)[None], i[None, :].expand(n, n)[None]
            k = k[:, None, None]
            i = torch.where((k & 1) > 0, n - 1 - i, i)
            j = torch.where((k & 2) > 0, n - 1 - j, j)
            i, j = torch.where(k >= 4, j, i), torch.where(k >= 4, i, j)
            v = src[off[:, None, None] + (y[:, None, None] + i) * stride[:, None, None] + x[:, None, None] + j]
            return torch.stack([v & 255, v >> 8 & 255, v >> 16 & 255], 1).float() / 255
        ho, hw, lo, lw, y, x, k = rows.unbind(1)
        return cut(self.lr, lo, lw, y, x, k, P), cut(self.hr, ho, hw, y * s, x * s, k, P * s)


# ------------------------------------------------------------------ training step
class Step:
    """One training step on a batch of B patches of P x P low-resolution pixels, as a CUDA graph."""

    def __init__(self, T, B, P):
        self.T, self.B, self.P = T, B, P
        self.rows = T.pool.draw(1, B, P, T.gen)[0]
        self.graph = None
        if T.device.type == "cuda":
            save = [t.clone() for t in T.tensors]
            st = torch.cuda.Stream()
            st.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(st):
                for _ in range(4):
                    self.body()
            torch.cuda.current_stream().wait_stream(st)
            torch.cuda.synchronize()
            self.graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self.graph):
                self.body()
            for t, v in zip(T.tensors, save):
                t.copy_(v)

    def body(self):
        T, s = self.T, self.T.P.scale
        lr, hr = T.pool.batch(self.rows, self.P)
        a = F.interpolate(lr, scale_factor=float(s), mode="bilinear", align_corners=False)
        target = F.pixel_unshuffle(hr - a, s)
        x8 = torch.cat([lr - essr.MEAN, torch.ones_like(lr[:, :1]), torch.zeros_like(lr), torch.zeros_like(lr[:, :1])], 1)
        x8 = x8.to(T.dtype).contiguous(memory_format=torch.channels_last)
        flat = T.P.flat.detach().requires_grad_(True)
        v = T.P.views(flat)
        n = target.numel()
        lf = (T.full(x8, v).float() - target).abs().sum()
        lh = (T.half(x8, v).float() - target).abs().sum()
        up = 2.0**-7                     # keeps fp16 gradients well inside the range
        g, = torch.autograd.grad((lf + T.half_weight * lh) * up, flat)
        g = torch.nan_to_num(g / (up * n), 0.0, 0.0, 0.0)
        with torch.no_grad():            # Adam, and the moving average of the weights
            b1, b2 = 0.9, 0.99
            T.t += 1
            T.m.lerp_(g, 1 - b1)
            T.v.lerp_(g * g, 1 - b2)
            den = (T.v / (1 - b2**T.t)).sqrt_() + 1e-9
            T.P.flat -= T.lr / (1 - b1**T.t) * T.m / den
            T.ema.lerp_(T.P.flat, 1 - T.ema_decay)
            T.loss.lerp_(torch.stack([lf.detach(), lh.detach()]) / n, 0.01)

    def __call__(self, rows):
        self.rows.copy_(rows)
        if self.graph is not None:
            self.graph.replay()
        else:
            self.body()


class Trainer:
    def __init__(self, a, device):
        self.device = torch.device(device)
        self.dtype = torch.float16 if self.device.type == "cuda" else torch.float32
        self.gen = torch.Generator(device=self.device).manual_seed(a.seed)
        t0 = time.time()
        files = sorted(f for e in ("png", "webp") for f in glob.glob(os.path.join(a.data, "*." + e)))[:a.max_images]
        self.pool = Pool(files, a.scale, self.device, a.shrink)
        print("%d images, %.1f Mpx at %d sizes: %.1f s" % (len(files), self.pool.hr.numel() / 1e6, len(a.shrink), time.time() - t0), flush=True)
        self.P = Params(a.scale, a.channels, a.blocks, a.depth, self.device, a.seed)
        if a.init:
            self.P.load(essr.load_safetensors(a.init))
        z = torch.zeros_like(self.P.flat)
        self.m, self.v, self.ema = z.clone(), z.clone(), self.P.flat.clone()
        self.t = torch.zeros((), device=self.device)
        self.lr = torch.zeros((), device=self.device)
        self.loss = torch.zeros(2, device=self.device)
        self.tensors = [self.P.flat, self.m, self.v, self.ema, self.t, self.loss]
        self.half_weight, self.ema_decay = a.half_weight, a.ema
        self.full = Dense(self.P, a.channels, self.device, self.dtype)
        self.half = Dense(self.P, a.channels // 2, self.device, self.dtype)


# ------------------------------------------------------------------ evaluation
def evaluate(state, scale, folder, device, widths, blocks=4, depth=3):
    """Mean Y-PSNR over a folder: {'bicubic':, 'bilinear':, width: ...}. fp32, whole images."""
    nets = {w: essr.subnet(state, scale, w, blocks, depth).to(device) for w in widths}
    acc = {}
    files = sorted(f for e in ("png", "webp") for f in glob.glob(os.path.join(folder, "*." + e)))
    for f in files:
        hr = load_image(f, device).double()
        H, W = (n // scale * scale for n in hr.shape[1:])
        hr = hr[:, :H, :W]
        lr = u8(imresize(hr, 1 / scale))
        x = (lr / 255)[None].float()
        out = {"bicubic": imresize(lr, scale),
               "bilinear": F.interpolate(x, scale_factor=float(scale), mode="bilinear", align_corners=False)[0].double() * 255}
        with torch.no_grad(), torch.backends.cudnn.flags(enabled=True, benchmark=False, allow_tf32=False):
            for w, net in nets.items():
                out[w] = net(x)[0].double() * 255
        for k, y in out.items():
            acc[k] = acc.get(k, 0.0) + psnr_y(u8(y), hr, scale) / len(files)
    return acc


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--scale", type=int, default=4)
    ap.add_argument("--data", required=True)
    ap.add_argument("--val", nargs="*", default=[])
    ap.add_argument("--out", required=True)
    ap.add_argument("--seconds", type=float, default=330)
    ap.add_argument("--channels", type=int, default=54)
    ap.add_argument("--blocks", type=int, default=4)
    ap.add_argument("--depth", type=int, default=3)
    ap.add_argument("--peak", type=float, default=2e-3)
    ap.add_argument("--half-weight", type=float, default=0.5)
    ap.add_argument("--ema", type=float, default=0.999)
    ap.add_argument("--batches", default="64x32,16x64", help="patches x low-resolution patch size; used in turn")
    ap.add_argument("--shrink", type=lambda s: [float(k) for k in s.split(",")], default=[1, .9, .8, .7, .6, .5])
    ap.add_argument("--max-images", type=int, default=10**6)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--init")
    ap.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    a = ap.parse_args()
    torch.backends.cudnn.benchmark = True
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    T = Trainer(a, a.device)
    t0 = time.time()
    steps = [Step(T, *map(int, b.split("x"))) for b in a.batches.split(",")]
    print("step graphs: %.1f s; %d parameters" % (time.time() - t0, T.P.flat.numel()), flush=True)
    widths = [a.channels, a.channels // 2]
    t0, n, chunk, shown = time.time(), 0, 200, 0.0
    while True:
        rows = [T.pool.draw(chunk, s.B, s.P, T.gen) for s in steps]
        for i in range(chunk):
            if i % 10 == 0:
                if T.device.type == "cuda":
                    torch.cuda.synchronize()
                frac = (time.time() - t0) / a.seconds
                if frac >= 1:
                    break
                T.lr.fill_(a.peak * min(1, (n + 1) / 500) * 0.5 * (1 + math.cos(math.pi * frac)))
            k = n % len(steps)
            steps[k](rows[k][i])
            n += 1
        if frac >= 1 or time.time() - t0 - shown > a.seconds / 12:
            shown = time.time() - t0
            lf, lh = (float(v) for v in T.loss)
            line = "%6.1f s %7d steps  lr %.2e  L1 full %.5f half %.5f" % (shown, n, float(T.lr), lf, lh)
            if a.val:
                r = evaluate(T.P.state(T.ema), a.scale, a.val[0], T.device, widths, a.blocks, a.depth)
                line += "  %s: " % os.path.basename(a.val[0]) + " ".join("%.2f" % r[w] for w in widths)
            print(line, flush=True)
        if frac >= 1:
            break
    state = T.P.state(T.ema)
    essr.save_safetensors(a.out + ".safetensors", {k: v.numpy() for k, v in state.items()},
                          {"format": "pt", "model": "essr_x%d" % a.scale, "licence": "see CARD.md"})
    for folder in a.val:
        r = evaluate(state, a.scale, folder, T.device, widths, a.blocks, a.depth)
        print(os.path.basename(folder), " ".join("%s %.3f" % (k, v) for k, v in r.items()), flush=True)


if __name__ == "__main__":
    main()
