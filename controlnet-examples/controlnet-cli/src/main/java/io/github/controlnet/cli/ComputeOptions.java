package io.github.controlnet.cli;

import io.github.controlnet.Annotators;
import io.github.controlnet.annotator.AnnotatorContext;
import io.github.controlnet.engine.Device;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the networks of annotators compute, for commands without a pipeline. */
final class ComputeOptions {
  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "cpu",
      converter = Choices.ToDevice.class,
      description =
          "For annotators with networks: cpu, or a CUDA device such as cuda:0. Default: ${DEFAULT-VALUE}.")
  private Device device = Device.CPU;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads for networks to compute with. Default: all cores.")
  private @Nullable Integer threads;

  /** The context of an annotator. */
  AnnotatorContext context(Usage usage) {
    AnnotatorContext context = Annotators.context().withDevice(device);
    if (threads == null) {
      return context;
    }
    if (threads < 1 || threads > 1024) {
      throw usage.wrong("The number of threads is %d; expected 1 to 1024.".formatted(threads));
    }
    return context.withThreads(threads);
  }
}
