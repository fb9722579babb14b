#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write public super-resolution networks, kept as NumPy arrays, as ONNX files.

    python3 public_sr_onnx.py c-dcscn  dcscn.npz   SCALE c_dcscn.onnx
    python3 public_sr_onnx.py fsrcnn-s fsrcnn.npz  3     fsrcnn_s_x3.onnx
    python3 public_sr_onnx.py xlsr     xlsr.npz    3     xlsr_x3.onnx

c-DCSCN: jiny2001/dcscn-super-resolution (MIT), TensorFlow names with / as __, weights HWIO.
FSRCNN-s: chxy95/FSRCNN (MIT), XLSR: cxzhou95/XLSR (MIT), PyTorch names, weights OIHW.
Needs NumPy alone; the messages are written by hand from ONNX's public field numbers.
"""
import struct
import sys

import numpy as np


def varint(n):
    out = b""
    n &= (1 << 64) - 1
    while True:
        out += bytes([n & 127 | (128 if n > 127 else 0)])
        n >>= 7
        if not n:
            return out


def field(number, value):
    """One protobuf field: an int, a float, bytes or text."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    if isinstance(value, str):
        value = value.encode()
    return varint(number << 3 | 2) + varint(len(value)) + value


def tensor(name, array):
    array = np.ascontiguousarray(array)
    kind = 7 if array.dtype == np.int64 else 1
    raw = array.astype("<i8" if kind == 7 else "<f4").tobytes()
    dims = b"".join(field(1, int(d)) for d in array.shape)
    return dims + field(2, kind) + field(8, name) + field(9, raw)


def attribute(name, value):
    out = field(1, name)
    if isinstance(value, float):
        return out + field(2, value) + field(20, 1)
    if isinstance(value, int):
        return out + field(3, value) + field(20, 2)
    if isinstance(value, str):
        return out + field(4, value) + field(20, 3)
    return out + b"".join(field(8, int(v)) for v in value) + field(20, 7)


class Graph:
    """Nodes in order; each method returns the name of the value that it adds."""

    def __init__(self, channels):
        self.nodes, self.tensors, self.count, self.channels = [], [], 0, channels

    def constant(self, array):
        self.count += 1
        name = "c%d" % self.count
        self.tensors.append(tensor(name, np.asarray(array)))
        return name

    def node(self, kind, inputs, **attributes):
        self.count += 1
        out = "v%d" % self.count
        message = b"".join(field(1, i) for i in inputs) + field(2, out) + field(4, kind)
        message += b"".join(field(5, attribute(k, v)) for k, v in attributes.items())
        self.nodes.append(message)
        return out

    def conv(self, x, weight, bias=None, group=1, pad=None):
        side = weight.shape[2]
        pad = side // 2 if pad is None else pad
        inputs = [x, self.constant(weight.astype(np.float32))]
        if bias is not None:
            inputs.append(self.constant(bias.astype(np.float32)))
        return self.node("Conv", inputs, kernel_shape=[side, side], pads=[pad] * 4, group=group)

    def prelu(self, x, slope):
        return self.node("PRelu", [x, self.constant(slope.reshape(-1, 1, 1).astype(np.float32))])

    def pad_edge(self, x, n):
        pads = self.constant(np.array([0, 0, n, n, 0, 0, n, n], np.int64))
        return self.node("Pad", [x, pads], mode="edge")

    def bicubic(self, x, scale):
        scales = self.constant(np.array([1, 1, scale, scale], np.float32))
        return self.node("Resize", [x, "", scales], mode="cubic", cubic_coeff_a=-0.5,
                         coordinate_transformation_mode="half_pixel")

    def shuffle(self, x, block, mode):
        return self.node("DepthToSpace", [x], blocksize=block, mode=mode)

    def write(self, path, output, white):
        def value(name):
            dims = b"".join(field(1, field(1, d)) for d in (1, self.channels))
            dims += field(1, field(2, "height")) + field(1, field(2, "width"))
            return field(1, name) + field(2, field(1, field(1, 1) + field(2, dims)))

        graph = b"".join(field(1, n) for n in self.nodes) + field(2, "super_resolution")
        graph += b"".join(field(5, t) for t in self.tensors)
        graph += field(11, value("x")) + field(12, value(output))
        model = field(1, 8) + field(2, "public_sr_onnx.py") + field(7, graph)
        model += field(8, field(1, "") + field(2, 17))
        model += field(14, field(1, "white") + field(2, str(white)))
        open(path, "wb").write(model)


def c_dcscn(d, scale, path):
    g = Graph(1)
    oihw = lambda name: d[name].transpose(3, 2, 0, 1)

    def layer(name, x):
        x = g.conv(x, oihw(name + "__conv_W"), d[name + "__conv_B"])
        return g.prelu(x, d["%s__prelu__%s_prelu" % (name, name)])

    features, x = [], "x"
    for i in range(1, 8):
        x = layer("CNN%d" % i, x)
        features.append(x)
    x = g.node("Concat", features, axis=1)
    a, b = layer("A1", x), layer("B2", layer("B1", x))
    x = g.node("Concat", [b, a], axis=1)
    x = g.conv(x, oihw("Up-PS__Up-PS_CNN__conv_W"), d["Up-PS__Up-PS_CNN__conv_B"])
    x = g.shuffle(x, 2 if scale == 4 else scale, "DCR")
    if scale == 4:
        x = g.conv(x, oihw("Up-PS2__Up-PS2_CNN__conv_W"), d["Up-PS2__Up-PS2_CNN__conv_B"])
        x = g.shuffle(x, 2, "DCR")
    x = g.conv(x, oihw("R-CNN1__conv_W"))
    g.write(path, g.node("Add", [g.bicubic("x", scale), x]), 255)


def fsrcnn_s(d, scale, path):
    g = Graph(1)
    x = g.pad_edge("x", 2)
    x = g.prelu(g.conv(x, d["conv1.weight"], d["conv1.bias"], pad=0), d["relu1.weight"])
    for i in (2, 3, 4):
        x = g.conv(x, d["conv%d.weight" % i], d["conv%d.bias" % i])
        x = g.prelu(x, d["relu%d.weight" % i])
    weights = [g.constant(d["deconv.weight"]), g.constant(d["deconv.bias"])]
    side = d["deconv.weight"].shape[2]
    x = g.node("ConvTranspose", [x] + weights, kernel_shape=[side, side], strides=[scale, scale],
               pads=[(side - scale) // 2] * 4)
    g.write(path, x, 1)


def xlsr(d, scale, path):
    g = Graph(3)
    conv = lambda name, x, group=1: g.conv(x, d[name + ".weight"], d[name + ".bias"], group)
    relu = lambda x: g.node("Relu", [x])
    x = g.node("Concat", [relu(conv("conv0_%d.conv" % i, "x")) for i in range(4)], axis=1)
    x = conv("conv2", x)
    for i in range(3):
        x = conv("Gblocks.%d.conv1" % i, relu(conv("Gblocks.%d.conv0" % i, x, 4)))
    x = g.node("Concat", [x, conv("conv1", "x")], axis=1)
    x = conv("conv4", relu(conv("conv3.conv", x)))
    bounds = [g.constant(np.array(v, np.float32)) for v in (0, 1)]
    g.write(path, g.shuffle(g.node("Clip", [x] + bounds), scale, "CRD"), 1)


if __name__ == "__main__":
    networks = {"c-dcscn": c_dcscn, "fsrcnn-s": fsrcnn_s, "xlsr": xlsr}
    if len(sys.argv) != 5 or sys.argv[1] not in networks:
        sys.exit(__doc__)
    networks[sys.argv[1]](np.load(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
