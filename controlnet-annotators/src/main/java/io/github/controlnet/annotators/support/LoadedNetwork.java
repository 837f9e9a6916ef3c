package io.github.controlnet.annotators.support;

import io.github.controlnet.core.torch.FloatTensor;
import java.util.List;

/** A network in memory: a picture and what else it takes in, values out. */
@FunctionalInterface
public interface LoadedNetwork {
  List<FloatTensor> run(FloatTensor picture, FloatTensor... others);
}
