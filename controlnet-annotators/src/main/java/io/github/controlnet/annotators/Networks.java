package io.github.controlnet.annotators;

import io.github.controlnet.annotators.network.Architecture;
import io.github.controlnet.annotators.network.DerivedWeights;
import io.github.controlnet.core.files.TensorFile;
import io.github.controlnet.core.files.TensorFiles;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.core.nn.Graph;
import io.github.controlnet.core.nn.Signature;
import io.github.controlnet.core.torch.Arguments;
import io.github.controlnet.core.torch.FloatTensor;
import io.github.controlnet.core.torch.Network;
import io.github.controlnet.core.torch.TensorRuntime;
import io.github.controlnet.engine.Device;
import io.github.controlnet.engine.EngineOptions;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.exception.AnnotationException;
import io.github.controlnet.exception.EngineException;
import io.github.controlnet.exception.WeightsException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** The networks of one annotator, in memory and on one thread until they are closed. */
final class Networks implements LoadedNetworks {
  private final String annotator;
  private final TensorRuntime runtime;
  private volatile boolean closed;

  private Networks(String annotator, TensorRuntime runtime) {
    this.annotator = annotator;
    this.runtime = runtime;
  }

  /**
   * Starts PyTorch.
   *
   * @param annotator its name, for messages
   */
  static Networks open(String annotator) {
    return new Networks(
        annotator, TensorRuntime.open(new EngineOptions(Device.CPU, Precision.FLOAT32, 0)));
  }

  /** A network in memory: a picture and what else it takes in, values out. */
  @FunctionalInterface
  interface Loaded {
    List<FloatTensor> run(FloatTensor picture, FloatTensor... others);
  }

  /**
   * Reads a network's weights.
   *
   * @param file safetensors or a PyTorch checkpoint
   * @param names from the names in the file to those of the architecture
   * @param architecture the network
   */
  Loaded load(Path file, UnaryOperator<String> names, Architecture architecture) {
    try (TensorFile open = TensorFiles.open(file)) {
      RenamedWeights weights = new RenamedWeights(open, names);
      String label = "%s (%s)".formatted(file, annotator);
      Graph graph = defined(label, () -> architecture.graph(weights.tensors()));
      DerivedWeights derived = defined(label, () -> new DerivedWeights(weights, graph));
      Network network = new Network(runtime, label, derived, () -> runtime.target().lower(graph));
      try {
        network.load();
      } catch (RuntimeException e) {
        Closing.closeAfter(e, network);
        throw e;
      }
      Signature method = graph.methods().get(0).signature();
      return (picture, others) -> run(network, method, picture, others);
    }
  }

  private static <T> T defined(String label, Supplier<T> definition) {
    try {
      return definition.get();
    } catch (WeightsException e) {
      throw new WeightsException(label + ": " + e.getMessage(), e);
    }
  }

  private List<FloatTensor> run(
      Network network, Signature method, FloatTensor picture, FloatTensor... others) {
    requireOpen();
    try {
      return network.with(
          module -> {
            try (Arguments arguments = module.arguments(method)) {
              arguments.at("x").floats(picture.values(), picture.shape());
              for (int i = 0; i < others.length; i++) {
                String name = method.arguments().get(i + 1).name();
                arguments.at(name).floats(others[i].values(), others[i].shape());
              }
              return module.arrays(arguments);
            }
          });
    } catch (EngineException e) {
      requireOpen(); // closed meanwhile
      throw new AnnotationException(
          "The annotator \"%s\" could not read a picture of %d x %d pixels: %s"
              .formatted(annotator, picture.side(3), picture.side(2), e.getMessage()),
          e);
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new AnnotationException(
          "The annotator \"%s\" is closed; create another.".formatted(annotator));
    }
  }

  @Override
  public <T> T whole(Supplier<T> map) {
    return runtime.thread().whole(map);
  }

  @Override
  public void close() {
    closed = true;
    runtime.close();
  }
}
