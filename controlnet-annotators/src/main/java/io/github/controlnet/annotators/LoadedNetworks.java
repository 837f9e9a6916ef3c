package io.github.controlnet.annotators;

import java.util.function.Supplier;

/** The networks of one annotator, in memory until they are closed. */
interface LoadedNetworks extends AutoCloseable {
  /** Makes a map, which is finished once begun, even when the virtual machine exits meanwhile. */
  default <T> T whole(Supplier<T> map) {
    return map.get();
  }

  @Override
  void close();
}
