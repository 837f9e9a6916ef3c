package io.github.controlnet.core.control;

import io.github.controlnet.core.models.ControlNet;
import io.github.controlnet.core.random.TorchGenerator;
import io.github.controlnet.core.tensors.JoinedWeights;
import io.github.controlnet.core.tensors.MemoryWeights;
import io.github.controlnet.engine.ControlNetSpec;
import io.github.controlnet.engine.UNetSpec;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.engine.WeightSource.DType;
import io.github.controlnet.engine.WeightSource.TensorInfo;
import io.github.controlnet.model.HintInitialization;
import io.github.controlnet.model.NewControl;
import io.github.controlnet.model.ZeroConvolutions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A control as its training begins (Zhang et al. 2023, arXiv:2302.05543, section 3.1): encoder and
 * middle are the base's, the zero convolutions are zero, so that it changes nothing yet, and the
 * hint block is fresh with its last convolution zero. Or they are Gaussian, for comparison.
 *
 * <p>The hint block is initialised as PyTorch initialises convolutions, from its generator: the
 * weights are those of diffusers' {@code ControlNetModel.from_unet} after {@code
 * torch.manual_seed(seed)}.
 *
 * @param architecture its sizes
 * @param weights its tensors; those that are copied are read from the base when asked for
 */
public record UntrainedControl(ControlNetSpec architecture, WeightSource weights) {
  private static final String HINT = "controlnet_cond_embedding.";

  /** The hint block of Stable Diffusion's controls. */
  private static final List<Integer> HINT_WIDTHS = List.of(16, 32, 96, 256);

  /**
   * Returns the usual widths of a hint block.
   *
   * @param pixelsPerLatent how many pixels a latent stands for along each side, a power of 2
   * @return a width for each stage; empty where Stable Diffusion's block is too short
   */
  public static List<Integer> usualHintWidths(int pixelsPerLatent) {
    int stages = Integer.numberOfTrailingZeros(pixelsPerLatent) + 1;
    return stages > HINT_WIDTHS.size() ? List.of() : HINT_WIDTHS.subList(0, stages);
  }

  /**
   * Makes a control for a base.
   *
   * @param unet the base's sizes
   * @param base the base's weights, open as long as the control is read
   * @param made how; its widths are not empty
   * @return the control
   */
  public static UntrainedControl of(UNetSpec unet, WeightSource base, NewControl made) {
    ControlNetSpec control =
        new ControlNetSpec(unet, made.hintChannels(), convolutions(made.hintWidths()), false);
    Map<String, List<Long>> expected = ControlNet.shapes(control);
    WeightSource drawn = drawn(control, expected, made);
    WeightSource zeros = new Zeros(expected);
    JoinedWeights.Builder all = JoinedWeights.builder();
    expected.forEach(
        (name, shape) -> {
          WeightSource source = zeros;
          if (drawn.tensors().containsKey(name)) {
            source = drawn;
          } else if (base.tensors().containsKey(name)) {
            source = base;
          }
          all.add(name, source, name, shape);
        });
    return new UntrainedControl(control, all.build());
  }

  /** A stage has one convolution of its own width, and one that halves the size to the next. */
  private static List<Integer> convolutions(List<Integer> stages) {
    List<Integer> widths = new ArrayList<>();
    for (int i = 0; i < stages.size(); i++) {
      widths.add(stages.get(i));
      if (i < stages.size() - 1) {
        widths.add(stages.get(i));
      }
    }
    return widths;
  }

  private static WeightSource drawn(
      ControlNetSpec control, Map<String, List<Long>> expected, NewControl made) {
    TorchGenerator generator = new TorchGenerator(made.seed());
    boolean loud = made.hintInitialization() == HintInitialization.HE;
    MemoryWeights.Builder drawn = MemoryWeights.builder();
    // the reference draws these before, and then copies the base's over them
    for (String name : List.of("conv_in", "time_embedding.linear_1", "time_embedding.linear_2")) {
      initialise(name, expected, generator, false, MemoryWeights.builder());
    }
    initialise(HINT + "conv_in", expected, generator, loud, drawn);
    for (int i = 0; i < control.hintWidths().size() - 1; i++) {
      initialise(HINT + "blocks." + i, expected, generator, loud, drawn);
    }
    if (made.zeroConvolutions() == ZeroConvolutions.GAUSSIAN) {
      // after the hint block, which so has the same numbers either way
      expected.forEach(
          (name, shape) -> {
            if (isZeroConvolution(name) && name.endsWith(".weight")) {
              drawn.add(name, shape, gaussian(shape, generator));
            }
          });
    }
    return drawn.build();
  }

  private static boolean isZeroConvolution(String name) {
    return name.startsWith("controlnet_down_blocks.")
        || name.startsWith("controlnet_mid_block.")
        || name.startsWith(HINT + "conv_out.");
  }

  private static float[] gaussian(List<Long> shape, TorchGenerator generator) {
    int inputs = inputs(shape);
    float[] values = generator.randn(Math.multiplyExact(inputs, Math.toIntExact(shape.get(0))));
    float deviation = (float) (1 / Math.sqrt(inputs));
    for (int i = 0; i < values.length; i++) {
      values[i] *= deviation;
    }
    return values;
  }

  private static int inputs(List<Long> shape) {
    int inputs = 1;
    for (long side : shape.subList(1, shape.size())) {
      inputs = Math.multiplyExact(inputs, Math.toIntExact(side));
    }
    return inputs;
  }

  /**
   * The initialisation of PyTorch's convolutions and linear layers ({@code reset_parameters}):
   * uniform, bounded by one over the root of the number of inputs (He et al. 2015,
   * arXiv:1502.01852, with the gain of a leaky ReLU of slope sqrt(5)); or, loud, with the gain of a
   * ReLU and without biases.
   */
  private static void initialise(
      String module,
      Map<String, List<Long>> expected,
      TorchGenerator generator,
      boolean loud,
      MemoryWeights.Builder to) {
    List<Long> shape = expected.getOrDefault(module + ".weight", List.of());
    int inputs = inputs(shape);
    double slope = loud ? 0 : Math.sqrt(5);
    double gain = Math.sqrt(2 / (1 + slope * slope));
    double bound = Math.sqrt(3) * (gain / Math.sqrt(inputs));
    to.add(
        module + ".weight",
        shape,
        generator.uniform(
            Math.multiplyExact(inputs, Math.toIntExact(shape.get(0))), -bound, bound));
    // Drawn even where it is zero, so that one seed gives the same weights but for their gain.
    double biasBound = loud ? 0 : 1 / Math.sqrt(inputs);
    to.add(
        module + ".bias",
        List.of(shape.get(0)),
        generator.uniform(Math.toIntExact(shape.get(0)), -biasBound, biasBound));
  }

  /** Tensors of nothing but zeros, which take no memory. */
  private static final class Zeros implements WeightSource {
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();

    Zeros(Map<String, List<Long>> shapes) {
      shapes.forEach((name, shape) -> tensors.put(name, new TensorInfo(DType.F32, shape)));
    }

    @Override
    public Map<String, TensorInfo> tensors() {
      return tensors;
    }

    @Override
    public void read(String name, long byteOffset, ByteBuffer destination) {
      while (destination.hasRemaining()) {
        destination.put((byte) 0);
      }
    }
  }
}
