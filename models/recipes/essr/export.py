# SPDX-License-Identifier: Apache-2.0
"""From essr_xN.safetensors: essr_xN.json, golden arrays, and ONNX (opset 17, dynamic N, H, W) of both subnets.

    python3 export.py --scale 4 --prefix essr_x4 --golden-input lr.npy [--onnx] [--thresholds T1,T2]

lr.npy: uint8 [H, W, 3], a low-resolution image; the golden input is that / 255.
"""
import argparse
import json

import numpy as np
import torch

import essr

ap = argparse.ArgumentParser()
ap.add_argument("--scale", type=int, required=True)
ap.add_argument("--prefix", required=True)
ap.add_argument("--golden-input", required=True)
ap.add_argument("--thresholds", type=lambda s: [int(k) for k in s.split(",")])
ap.add_argument("--onnx", action="store_true")
a = ap.parse_args()

st = {k: torch.from_numpy(v) for k, v in essr.load_safetensors(a.prefix + ".safetensors").items()}
C = st["head.pw.weight"].shape[0]
blocks = 1 + max(int(k.split(".")[1]) for k in st if k.startswith("body"))
depth = 1 + max(int(k.split(".")[2]) for k in st if k.startswith("body"))
with open(a.prefix + ".json", "w") as f:
    json.dump(essr.describe(a.scale, C, blocks, depth, a.thresholds), f, indent=1)
x = torch.from_numpy(np.load(a.golden_input)).permute(2, 0, 1)[None].float() / 255
out = {"input": x.numpy()}
nets = {"full": essr.subnet(st, a.scale, C, blocks, depth), "half": essr.subnet(st, a.scale, C // 2, blocks, depth)}
with torch.no_grad():
    out["output_bilinear"] = torch.nn.functional.interpolate(
        x, scale_factor=float(a.scale), mode="bilinear", align_corners=False).numpy()
    for k, net in nets.items():
        out["output_" + k] = net(x).numpy()
np.savez(a.prefix + "_golden.npz", **out)
print({k: (v.shape, v.dtype, float(v.min()), float(v.max())) for k, v in out.items()})
if a.onnx:
    for k, net in nets.items():
        path = "%s_%s.onnx" % (a.prefix, k)
        kw = {"dynamo": False} if torch.__version__ >= "2" else {}
        torch.onnx.export(net, (x,), path, opset_version=17, input_names=["x"], output_names=["y"],
                          dynamic_axes={"x": {0: "n", 2: "h", 3: "w"}, "y": {0: "n", 2: "hs", 3: "ws"}}, **kw)
        try:
            import onnxruntime as ort
            s = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
            y = s.run(None, {"x": x.numpy()})[0]
            print(path, "onnxruntime max difference %.3g" % np.abs(y - out["output_" + k]).max())
            z = torch.rand(2, 3, 33, 17)
            with torch.no_grad():
                print(path, "at another size %.3g" % np.abs(s.run(None, {"x": z.numpy()})[0] - net(z).numpy()).max())
        except ImportError:
            print(path, "written (no onnxruntime here to check it)")
