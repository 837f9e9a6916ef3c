package io.github.controlnet.annotators.networks;

import io.github.controlnet.core.nn.Activation;
import io.github.controlnet.core.nn.Convolution;
import io.github.controlnet.core.nn.Value;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import java.util.Map;

/** The convolutions of OpenPose's networks, as wide as the file has them. */
record PoseLayers(PictureGraph layers, Map<String, TensorInfo> stored) {

  Value conv(Value x, String name) {
    return conv(x, name, Activation.NONE);
  }

  /** Keeps the size of the picture. */
  private Value conv(Value x, String name, Activation activation) {
    TensorInfo info = stored.get(name + ".weight");
    if (info == null || info.shape().size() != 4) {
      return layers.conv(name, Convolution.of(1, 1, 1)).apply(x); // which is refused with the name
    }
    int out = Math.toIntExact(info.shape().get(0));
    int in = Math.toIntExact(info.shape().get(1));
    return layers
        .conv(name, Convolution.of(in, out, Math.toIntExact(info.shape().get(2))))
        .apply(x, activation);
  }

  Value convRelu(Value x, String name) {
    return conv(x, name, Activation.RELU);
  }

  /** Convolutions with ReLU, of which "pool" halves the picture. */
  Value chain(Value x, String... names) {
    Value h = x;
    for (String name : names) {
      h = name.equals("pool") ? h.maxPool(2, 2, 0) : convRelu(h, name);
    }
    return h;
  }

  /** The beginning of VGG 19. */
  Value vgg(Value x) {
    return chain(
        x, "conv1_1", "conv1_2", "pool", "conv2_1", "conv2_2", "pool", "conv3_1", "conv3_2",
        "conv3_3", "conv3_4", "pool", "conv4_1", "conv4_2");
  }

  /** A later stage but its last convolution: five of 7 x 7 and one of 1 x 1. */
  Value stage(Value x, String ending) {
    Value h = x;
    for (int i = 1; i <= 6; i++) {
      h = convRelu(h, "Mconv" + i + ending);
    }
    return h;
  }
}
