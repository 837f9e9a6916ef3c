package io.github.controlnet.annotators;

import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.annotator.AnnotatorOptions;
import io.github.controlnet.annotators.network.Architecture;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.exception.AnnotationException;
import java.awt.image.BufferedImage;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.opencv.core.Mat;

/** An annotator with networks. They compute one picture after another, whoever calls. */
final class LearnedAnnotator implements Annotator {
  private final LearnedProvider provider;
  private final LoadedNetworks networks;
  private final MatAnnotator annotator;

  private LearnedAnnotator(
      LearnedProvider provider, LoadedNetworks networks, MatAnnotator annotator) {
    this.provider = provider;
    this.networks = networks;
    this.annotator = annotator;
  }

  /**
   * Loads the networks.
   *
   * @param provider what it is
   * @param load loads the weights and tells what becomes of a photograph
   */
  static LearnedAnnotator open(
      LearnedProvider provider, Function<Networks, MatAnnotator.Operation> load) {
    return load(
        provider,
        Networks.open(provider.name()),
        networks ->
            new MatAnnotator(provider.name(), provider.invertedPreview(), load.apply(networks)));
  }

  /** What becomes of a photograph with one network. */
  @FunctionalInterface
  interface Drawing {
    BufferedImage of(Mat photo, Networks.Loaded network, MatScope scope);
  }

  /**
   * Loads the one network of an annotator.
   *
   * @param provider what it is
   * @param options name the weights file
   * @param names from the names in the file to those of the architecture
   * @param architecture the network
   */
  static LearnedAnnotator open(
      LearnedProvider provider,
      AnnotatorOptions options,
      UnaryOperator<String> names,
      Architecture architecture,
      Drawing drawing) {
    return open(
        provider,
        networks -> {
          Networks.Loaded network = networks.load(provider.file(options), names, architecture);
          return (photo, scope) -> drawing.of(photo, network, scope);
        });
  }

  /** Loads the networks of an annotator that makes more than a map. */
  static LearnedAnnotator openWork(
      LearnedProvider provider, Function<Networks, MatAnnotator.Work> load) {
    return load(
        provider,
        Networks.open(provider.name()),
        networks -> new MatAnnotator(provider.name(), load.apply(networks)));
  }

  /** Loads networks for ONNX Runtime. */
  static LearnedAnnotator openOnnx(
      LearnedProvider provider, Function<OnnxNetworks, MatAnnotator.Work> load) {
    return load(
        provider,
        OnnxNetworks.open(provider.name()),
        networks -> new MatAnnotator(provider.name(), load.apply(networks)));
  }

  private static <T extends LoadedNetworks> LearnedAnnotator load(
      LearnedProvider provider, T networks, Function<T, MatAnnotator> load) {
    try {
      return new LearnedAnnotator(provider, networks, load.apply(networks));
    } catch (RuntimeException e) {
      Closing.closeAfter(e, networks);
      throw e;
    }
  }

  @Override
  public Annotation annotate(BufferedImage photo) {
    requireSize(photo.getWidth(), photo.getHeight());
    Memory.require(
        provider.name(),
        photo.getWidth(),
        photo.getHeight(),
        provider.bytes(photo.getWidth(), photo.getHeight()),
        "give a smaller detect resolution (--resolution, withDetectResolution)");
    return networks.whole(() -> annotator.annotate(photo));
  }

  private void requireSize(int width, int height) {
    if (Math.min(width, height) < provider.leastSide()) {
      throw new AnnotationException(
          "The annotator \"%s\" cannot read a picture of %d x %d pixels; expected sides of %d or more."
              .formatted(provider.name(), width, height, provider.leastSide()));
    }
  }

  @Override
  public void close() {
    networks.close();
  }
}
