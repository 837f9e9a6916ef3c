package io.github.controlnet.annotators;

import io.github.controlnet.core.torch.FloatTensor;
import java.util.List;

/** A network in memory: a picture and what else it takes in, values out. */
@FunctionalInterface
interface LoadedNetwork {
  List<FloatTensor> run(FloatTensor picture, FloatTensor... others);
}
