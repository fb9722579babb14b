# SPDX-License-Identifier: Apache-2.0
"""Checks that the dense training form equals the 1x1 + depthwise net, for both widths (CPU, float64)."""
import torch
import essr
from train import Dense, Params

for scale in (2, 4):
    P = Params(scale, 54, 4, 3, torch.device("cpu"))
    P.flat = P.flat.double()
    P.flat += 0.01 * torch.randn(P.flat.shape, dtype=torch.float64)
    st = P.state(P.flat)
    assert P.flat.numel() == essr.count(scale, 54)[0] <= 51000
    x = torch.rand(2, 3, 24, 20, dtype=torch.float64)
    a = torch.nn.functional.interpolate(x, scale_factor=float(scale), mode="bilinear", align_corners=False)
    x8 = torch.cat([x - essr.MEAN, torch.ones_like(x[:, :1]), torch.zeros(2, 4, 24, 20).double()], 1)
    for w in (54, 27):
        d = Dense(P, w, torch.device("cpu"), torch.float64)
        y = a + torch.nn.functional.pixel_shuffle(d(x8, P.views(P.flat)), scale)
        z = essr.subnet(st, scale, w).double()(x)
        print("x%d width %d: %d params, %d MAC per pixel, max difference %.2e" % ((scale, w) + essr.count(scale, w) + (float((y - z).abs().max()),)))
        assert (y - z).abs().max() < 1e-5
