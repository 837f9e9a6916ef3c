package io.github.controlnet.annotators.support;

import io.github.controlnet.annotator.AnnotatorContext;
import io.github.controlnet.annotators.networks.Architecture;
import io.github.controlnet.annotators.networks.DerivedWeights;
import io.github.controlnet.annotators.networks.RenamedWeights;
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
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The networks of one annotator, in memory until they are closed: in float32, on the context's
 * device. What runs them is started when the first is loaded.
 */
public final class Networks implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Networks.class);

  private final String annotator;
  private final AnnotatorContext context;
  private final Map<WeightsFile, Path> files;
  private final Closing runtimes = new Closing();
  private @Nullable TensorRuntime pyTorch;
  private @Nullable OnnxNetworks onnx;
  private volatile boolean closed;

  /**
   * Loads nothing yet.
   *
   * @param annotator its name, for messages
   * @param context the device and the threads
   * @param files what may be loaded, that of the one or first network first
   */
  Networks(String annotator, AnnotatorContext context, Map<WeightsFile, Path> files) {
    this.annotator = annotator;
    this.context = context;
    this.files = files;
  }

  /**
   * Fails when a picture that a network is to see needs more memory than this machine has.
   *
   * @param bytesPerPixel at the most, roughly
   * @param option the one that tells how much it sees
   */
  public void requireMemory(int columns, int rows, long bytesPerPixel, String option) {
    Memory.requireInput(annotator, columns, rows, bytesPerPixel, option);
  }

  /** The name of the annotator. */
  public String annotator() {
    return annotator;
  }

  /** Reads the annotator's one or first network. */
  public LoadedNetwork load(Architecture architecture) {
    return load(files.keySet().iterator().next(), architecture);
  }

  /**
   * Reads a network.
   *
   * @param file safetensors or a PyTorch checkpoint, one of those that the annotator declares
   */
  public LoadedNetwork load(WeightsFile file, Architecture architecture) {
    Path path = path(file);
    TensorRuntime runtime = pyTorch();
    try (TensorFile open = TensorFiles.open(path)) {
      RenamedWeights weights = new RenamedWeights(open, architecture::name);
      String label = "%s (%s)".formatted(path, annotator);
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

  /**
   * Reads a network that is published as ONNX.
   *
   * @param file one of those that the annotator declares
   * @param rows of the pictures that it takes
   * @param columns of the pictures that it takes
   * @param outputs how many values it gives
   */
  public LoadedNetwork loadOnnx(WeightsFile file, int rows, int columns, int outputs) {
    return onnx().load(path(file), rows, columns, outputs);
  }

  private OnnxNetworks onnx() {
    if (onnx == null) {
      try {
        onnx = runtimes.add(OnnxNetworks.open(annotator, context));
      } catch (LinkageError e) {
        throw new AnnotationException(
            "The annotator \"%s\" runs on ONNX Runtime, which is not on the class path or has no library for %s %s (%s); add the artifact com.microsoft.onnxruntime:onnxruntime."
                .formatted(
                    annotator, System.getProperty("os.name"), System.getProperty("os.arch"), e),
            e);
      }
    }
    return onnx;
  }

  private Path path(WeightsFile file) {
    return Objects.requireNonNull(files.get(file), file.optionName());
  }

  /** What runs networks, started when it is first asked for. */
  TensorRuntime pyTorch() {
    if (pyTorch == null) {
      pyTorch =
          runtimes.add(
              TensorRuntime.open(
                  new EngineOptions(device(), Precision.FLOAT32, context.threads())));
    }
    return pyTorch;
  }

  /** A pipeline of another engine may be on a device that only that engine knows. */
  private Device device() {
    Device device = context.device();
    if (device.type().equals("cpu") || device.type().equals("cuda")) {
      return device;
    }
    LOG.warn(
        "The annotator \"{}\" runs on PyTorch, which has no device {}; it runs on the CPU",
        annotator,
        device);
    return Device.CPU;
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

  /** Makes a map, which is finished once begun, even when the virtual machine exits meanwhile. */
  <T> T whole(Supplier<T> map) {
    return pyTorch == null ? map.get() : pyTorch.thread().whole(map);
  }

  @Override
  public void close() {
    closed = true;
    runtimes.close();
  }
}
