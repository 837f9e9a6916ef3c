package io.github.controlnet.annotators;

/** The networks of one annotator, in memory until they are closed. */
interface LoadedNetworks extends AutoCloseable {
  @Override
  void close();
}
