package io.github.controlnet.benchmarks;

import io.github.controlnet.core.files.FloatFormats;
import io.github.controlnet.core.random.TorchGenerator;
import io.github.controlnet.engine.WeightSource.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** First noise, and weights read as numbers. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class LatentsBenchmark {
  private static final int LATENTS = 4 * 64 * 64;

  /** Numbers as a file holds them. */
  @State(Scope.Thread)
  public static class Stored {
    /** Their type. */
    @Param({"F32", "F16", "BF16"})
    public DType dtype = DType.F32;

    private final float[] values = new float[LATENTS];
    private final ByteBuffer bytes =
        ByteBuffer.allocateDirect(Float.BYTES * LATENTS).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The first noise of a picture of 512 x 512, as PyTorch draws it. */
  @Benchmark
  public float[] noise() {
    return new TorchGenerator(42).randn(LATENTS);
  }

  /** As many numbers of a file. */
  @Benchmark
  public float[] read(Stored stored) {
    stored.bytes.clear();
    FloatFormats.read(stored.dtype, stored.bytes, stored.values, LATENTS);
    return stored.values;
  }
}
