package io.github.controlnet.core.torch.training;

import ai.djl.pytorch.engine.PtNDArray;
import io.github.controlnet.core.internal.Closing;
import io.github.controlnet.core.models.ControlNet;
import io.github.controlnet.core.models.ControlTraining;
import io.github.controlnet.core.torch.Arguments;
import io.github.controlnet.core.torch.Inputs;
import io.github.controlnet.core.torch.Network;
import io.github.controlnet.core.torch.Processor;
import io.github.controlnet.core.torch.ScriptModule;
import io.github.controlnet.core.torch.ScriptSource;
import io.github.controlnet.core.torch.TensorRuntime;
import io.github.controlnet.engine.AdamW;
import io.github.controlnet.engine.LatentShape;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.engine.TrainableControl;
import io.github.controlnet.engine.TrainingBatch;
import io.github.controlnet.engine.TrainingSpec;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.exception.InvalidRequestException;
import io.github.controlnet.exception.WeightsException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Networks that learn, in one script module: a training step is one call of PyTorch. */
public final class PyTorchTrainableControl implements TrainableControl {
  private final TrainingSpec spec;
  private final TrainingScript.Result script;
  private final Network network;

  /**
   * Loads networks for training.
   *
   * @param runtime PyTorch in float32
   * @param spec what a step computes
   * @param weights scoped weights of U-Net and control, and the state of an earlier training where
   *     there is one; read now, not later
   * @throws WeightsException when a weight is missing or has another shape
   * @throws InvalidRequestException when runtime or specification are of another precision
   */
  public PyTorchTrainableControl(TensorRuntime runtime, TrainingSpec spec, WeightSource weights) {
    if (runtime.precision() != Precision.FLOAT32) {
      throw new InvalidRequestException(
          "Training keeps weights in float32; the engine was opened in %s."
              .formatted(runtime.precision().name().toLowerCase(Locale.ROOT)));
    }
    this.spec = spec;
    this.script = TrainingScript.write(spec, runtime.deviceName());
    Map<String, List<Long>> wanted = new LinkedHashMap<>(script.source().weights());
    Map<String, List<Long>> state = moments();
    state.keySet().retainAll(weights.tensors().keySet());
    wanted.putAll(state);
    ScriptSource source = script.source().reading(wanted);
    this.network = new Network(runtime, "The control to train", weights, () -> source);
    try {
      network.load();
      // copies the weights: what was made in inference mode cannot be differentiated
      network.with(
          module -> {
            try (Arguments marker = module.arguments()) {
              module.differentiable("prepare", marker.floats(new float[1], 1)).close();
              return true;
            }
          });
    } catch (RuntimeException | Error e) {
      Closing.closeAfter(e, network);
      throw e;
    }
  }

  /**
   * Chooses the number type of a training's products and convolutions.
   *
   * @param asked what was asked for
   * @return float32 or bfloat16; the latter for {@link Precision#AUTO} where the processor computes
   *     it
   * @throws InvalidRequestException for float16, whose gradients would vanish
   */
  public static Precision precision(Precision asked) {
    return switch (asked) {
      case FLOAT32, BFLOAT16 -> asked;
      case AUTO -> Processor.hasBfloat16() ? Precision.BFLOAT16 : Precision.FLOAT32;
      case FLOAT16 ->
          throw new InvalidRequestException(
              "Training in float16 is not supported; use float32, bfloat16 or auto.");
    };
  }

  @Override
  public double accumulate(TrainingBatch batch) {
    check(batch);
    LatentShape shape = batch.shape();
    long images = shape.images();
    long width = spec.unet().contextWidth();
    int factor = ControlNet.factor(spec.control());
    return network.with(
        module -> {
          long[] latents = {images, shape.channels(), shape.height(), shape.width()};
          try (Arguments inputs = module.arguments(ControlTraining.LOSS)) {
            inputs.at("latents").floats(batch.latents(), latents);
            inputs.at("timestep").floats(batch.timesteps(), images);
            long length = batch.states().length / images / width;
            inputs.at("states").floats(batch.states(), images, length, width);
            inputs
                .at("hint")
                .floats(
                    batch.hints(),
                    images,
                    spec.control().hintChannels(),
                    (long) factor * shape.height(),
                    (long) factor * shape.width());
            inputs
                .at("target")
                .floats(
                    batch.targets(),
                    images,
                    spec.unet().outChannels(),
                    shape.height(),
                    shape.width());
            inputs.at("weight").floats(batch.weights(), images);
            try (PtNDArray loss = module.differentiable(ControlTraining.LOSS.name(), inputs)) {
              return (double) loss.toFloatArray()[0];
            }
          }
        });
  }

  private void check(TrainingBatch batch) {
    LatentShape shape = batch.shape();
    Inputs.checkShape(shape, spec.unet().inChannels());
    long images = shape.images();
    long pixels = (long) shape.height() * shape.width();
    long factor = ControlNet.factor(spec.control());
    Inputs.checkLength("The latents", batch.latents(), shape.size());
    Inputs.checkLength("The timesteps", batch.timesteps(), images);
    Inputs.checkLength(
        "The hints",
        batch.hints(),
        images * spec.control().hintChannels() * factor * factor * pixels);
    Inputs.checkLength("The targets", batch.targets(), images * spec.unet().outChannels() * pixels);
    Inputs.checkLength("The weights of the losses", batch.weights(), images);
    long row = images * spec.unet().contextWidth();
    if (batch.states().length == 0 || batch.states().length % row != 0) {
      throw new IllegalArgumentException(
          "The hidden states have %d values; expected a multiple of %d."
              .formatted(batch.states().length, row));
    }
  }

  @Override
  public double gradientNorm() {
    return network.with(
        module -> {
          try (Arguments none = module.arguments()) {
            return (double) module.floats("norm", none)[0];
          }
        });
  }

  @Override
  public void update(AdamW optimizer, long step, double scale, double averageDecay) {
    network.with(
        module -> {
          try (Arguments arguments = module.arguments()) {
            arguments
                .real(scale)
                .real(optimizer.rate())
                .real(optimizer.first())
                .real(optimizer.second())
                .real(optimizer.decay())
                .real(optimizer.epsilon())
                .real((double) step)
                .real(1 - averageDecay);
            module.call("update", arguments);
          }
          return true;
        });
  }

  @Override
  public WeightSource state() {
    Map<String, WeightSource.TensorInfo> tensors = new LinkedHashMap<>();
    for (String name : script.learning()) {
      tensors.put(name, info(shape(name)));
    }
    moments().forEach((name, shape) -> tensors.put(name, info(shape)));
    Map<String, WeightSource.TensorInfo> all = Collections.unmodifiableMap(tensors);
    return new WeightSource() {
      @Override
      public Map<String, TensorInfo> tensors() {
        return all;
      }

      @Override
      public void read(String name, long byteOffset, ByteBuffer destination) {
        if (!all.containsKey(name)) {
          throw new WeightsException("Training changes no tensor \"%s\".".formatted(name));
        }
        network.with(
            module -> {
              copy(module, name, byteOffset, destination);
              return true;
            });
      }
    };
  }

  private static void copy(
      ScriptModule module, String name, long byteOffset, ByteBuffer destination) {
    try (Arguments arguments = module.arguments();
        PtNDArray tensor = module.tensor("read", arguments.text(name))) {
      ByteBuffer bytes = tensor.toByteBuffer(true).order(ByteOrder.LITTLE_ENDIAN);
      destination.put(bytes.slice(Math.toIntExact(byteOffset), destination.remaining()));
    }
  }

  private static WeightSource.TensorInfo info(List<Long> shape) {
    return new WeightSource.TensorInfo(WeightSource.DType.F32, shape);
  }

  private Map<String, List<Long>> moments() {
    Map<String, List<Long>> all = new LinkedHashMap<>();
    List<String> scopes = new ArrayList<>(List.of(FIRST_MOMENT, SECOND_MOMENT));
    if (spec.averages()) {
      scopes.add(AVERAGE);
    }
    for (String scope : scopes) {
      for (String name : script.learning()) {
        all.put(scope + name, shape(name));
      }
    }
    return all;
  }

  private List<Long> shape(String name) {
    @Nullable List<Long> shape = script.source().weights().get(name);
    if (shape == null) {
      throw new IllegalStateException(name);
    }
    return shape;
  }

  @Override
  public void close() {
    network.close();
  }
}
