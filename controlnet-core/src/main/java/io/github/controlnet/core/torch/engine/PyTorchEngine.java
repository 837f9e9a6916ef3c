package io.github.controlnet.core.torch.engine;

import ai.djl.pytorch.engine.PtNDManager;
import io.github.controlnet.core.torch.ScriptModule;
import io.github.controlnet.core.torch.TensorRuntime;
import io.github.controlnet.core.torch.TensorThread;
import io.github.controlnet.core.torch.training.PyTorchTrainableControl;
import io.github.controlnet.engine.Autoencoder;
import io.github.controlnet.engine.AutoencoderSpec;
import io.github.controlnet.engine.ControlNetSpec;
import io.github.controlnet.engine.ControlNetwork;
import io.github.controlnet.engine.ControlSpec;
import io.github.controlnet.engine.Denoiser;
import io.github.controlnet.engine.DenoiserSpec;
import io.github.controlnet.engine.EngineOptions;
import io.github.controlnet.engine.EngineSession;
import io.github.controlnet.engine.KlAutoencoderSpec;
import io.github.controlnet.engine.LatentShape;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.engine.TextEncoder;
import io.github.controlnet.engine.TextEncoderSpec;
import io.github.controlnet.engine.TinyAutoencoderSpec;
import io.github.controlnet.engine.TrainableControl;
import io.github.controlnet.engine.TrainingEngine;
import io.github.controlnet.engine.TrainingSpec;
import io.github.controlnet.engine.UNetSpec;
import io.github.controlnet.engine.WeightSource;
import io.github.controlnet.exception.EngineException;
import java.time.Duration;
import java.util.Map;

/** Stable Diffusion's networks in one runtime, and a ControlNet that learns. */
final class PyTorchEngine implements TrainingEngine {
  /**
   * More than one picture of 512 x 512 at once overflows a processor's caches and gains nothing.
   */
  private static final int PLACES_AT_ONCE = 64 * 64;

  private final TensorRuntime runtime;

  private PyTorchEngine(TensorRuntime runtime) {
    this.runtime = runtime;
  }

  static PyTorchEngine open(EngineOptions options) {
    return new PyTorchEngine(TensorRuntime.open(options));
  }

  TensorRuntime runtime() {
    return runtime;
  }

  TensorThread thread() {
    return runtime.thread();
  }

  PtNDManager manager() {
    return runtime.manager();
  }

  ScriptModule tools() {
    return runtime.tools();
  }

  String deviceName() {
    return runtime.deviceName();
  }

  int numberType() {
    return runtime.numberType();
  }

  @Override
  public Precision precision() {
    return runtime.precision();
  }

  @Override
  public Map<String, String> versions() {
    return runtime.versions();
  }

  @Override
  public int imagesAtOnce(LatentShape shape) {
    if (!runtime.prefersSmallBatches()) {
      return shape.images();
    }
    return Math.max(1, Math.min(shape.images(), PLACES_AT_ONCE / (shape.height() * shape.width())));
  }

  @Override
  public EngineSession session(int threads, Duration exitGrace) {
    return runtime.session(threads, exitGrace);
  }

  @Override
  public TextEncoder textEncoder(TextEncoderSpec spec, WeightSource weights) {
    return new PyTorchTextEncoder(this, spec, weights);
  }

  @Override
  public Denoiser denoiser(DenoiserSpec spec, WeightSource weights) {
    if (spec instanceof UNetSpec unet) {
      return new PyTorchDenoiser(this, unet, weights);
    }
    throw unknown(spec);
  }

  @Override
  public ControlNetwork controlNetwork(ControlSpec spec, WeightSource weights) {
    if (spec instanceof ControlNetSpec control) {
      return new PyTorchControlNetwork(this, control, weights);
    }
    throw unknown(spec);
  }

  @Override
  public Autoencoder autoencoder(AutoencoderSpec spec, WeightSource weights) {
    if (spec instanceof KlAutoencoderSpec large) {
      return PyTorchAutoencoder.of(this, large, weights);
    }
    if (spec instanceof TinyAutoencoderSpec tiny) {
      return PyTorchAutoencoder.of(this, tiny, weights);
    }
    throw unknown(spec);
  }

  @Override
  public Precision trainingPrecision(Precision asked) {
    return PyTorchTrainableControl.precision(asked);
  }

  @Override
  public TrainableControl trainableControl(TrainingSpec spec, WeightSource weights) {
    return new PyTorchTrainableControl(runtime, spec, weights);
  }

  private static EngineException unknown(Object spec) {
    return new EngineException(
        "The engine pytorch runs no network of the kind %s."
            .formatted(spec.getClass().getSimpleName()));
  }

  @Override
  public void close() {
    runtime.close();
  }
}
