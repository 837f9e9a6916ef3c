package io.github.controlnet.benchmarks;

import io.github.controlnet.Annotators;
import io.github.controlnet.annotator.Annotation;
import io.github.controlnet.annotator.Annotator;
import io.github.controlnet.spi.AnnotatorProvider;
import java.awt.image.BufferedImage;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Annotators without weights on noise of 512 x 512. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class AnnotatorBenchmark {
  private static final int SIDE = 512;

  /** The annotator's name. */
  @Param({"canny", "scribble_xdog", "shuffle", "tile_resample"})
  public String name = "canny";

  private final BufferedImage photo = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
  private Annotator annotator = photo -> new Annotation(photo, photo);

  /** Draws the noise and creates the annotator. */
  @Setup
  public void open() {
    Random random = new Random(1);
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        photo.setRGB(x, y, random.nextInt(1 << 24));
      }
    }
    AnnotatorProvider provider = Annotators.named(name);
    annotator = Annotators.open(provider, provider.options(Map.of()));
  }

  /** One map. */
  @Benchmark
  public Annotation annotate() {
    return annotator.annotate(photo);
  }

  /** Frees what it holds. */
  @TearDown
  public void close() {
    annotator.close();
  }
}
