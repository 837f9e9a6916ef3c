package io.github.controlnet.benchmarks;

import io.github.controlnet.core.models.TinyVae;
import io.github.controlnet.core.models.Vae;
import io.github.controlnet.core.random.TorchGenerator;
import io.github.controlnet.core.tensors.MemoryWeights;
import io.github.controlnet.core.torch.engine.PyTorchEngineProvider;
import io.github.controlnet.engine.Autoencoder;
import io.github.controlnet.engine.AutoencoderSpec;
import io.github.controlnet.engine.Device;
import io.github.controlnet.engine.Engine;
import io.github.controlnet.engine.EngineOptions;
import io.github.controlnet.engine.EngineSession;
import io.github.controlnet.engine.KlAutoencoderSpec;
import io.github.controlnet.engine.LatentFormat;
import io.github.controlnet.engine.LatentShape;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.engine.TinyAutoencoderSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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

/**
 * The latents of a picture of 512 x 512 decoded by Stable Diffusion's autoencoder and by a tiny
 * one, with random weights of the real sizes.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = "-Xmx4g")
@Warmup(iterations = 2)
@Measurement(iterations = 5)
@SuppressWarnings("NullAway.Init") // JMH sets it up
public class DecodeBenchmark {
  private static final LatentShape SHAPE = new LatentShape(1, 4, 64, 64);
  private static final LatentFormat LATENTS =
      new LatentFormat(4, 8, 1, 0, LatentFormat.Preview.GREY);

  /** Which autoencoder. */
  @Param({"vae", "taesd"})
  public String kind = "vae";

  /** The number type. */
  @Param({"FLOAT32", "BFLOAT16"})
  public Precision precision = Precision.FLOAT32;

  private final float[] latents = new TorchGenerator(42).randn(SHAPE.size());
  private Engine engine;
  private EngineSession session;
  private Autoencoder autoencoder;

  /** Loads the autoencoder. */
  @Setup
  public void load() {
    engine = new PyTorchEngineProvider().open(new EngineOptions(Device.CPU, precision, 0));
    session = engine.session(0, Duration.ZERO);
    if (kind.equals("taesd")) {
      TinyAutoencoderSpec spec =
          new TinyAutoencoderSpec(3, LATENTS, 64, List.of(3, 3, 3, 1), List.of());
      autoencoder = open(spec, TinyVae.shapes(spec));
    } else {
      KlAutoencoderSpec spec =
          new KlAutoencoderSpec(3, LATENTS, List.of(128, 256, 512, 512), 2, 32, false);
      autoencoder = open(spec, Vae.shapes(spec));
    }
    autoencoder.load();
  }

  private Autoencoder open(AutoencoderSpec spec, Map<String, List<Long>> shapes) {
    MemoryWeights.Builder weights = MemoryWeights.builder();
    TorchGenerator random = new TorchGenerator(1);
    shapes.forEach(
        (name, shape) -> {
          int size = Math.toIntExact(shape.stream().reduce(1L, Math::multiplyExact));
          float[] values = random.randn(size);
          // as large as what goes in: no number may grow out of its type
          float scale = (float) Math.sqrt((double) shape.get(0) / size);
          for (int i = 0; i < size; i++) {
            values[i] *= scale;
          }
          weights.add(name, shape, values);
        });
    return engine.autoencoder(spec, weights.build());
  }

  /** One picture. */
  @Benchmark
  public float[] decode() {
    return autoencoder.decode(latents, SHAPE);
  }

  /** Gives the memory back. */
  @TearDown
  public void close() {
    autoencoder.close();
    session.close();
    engine.close();
  }
}
