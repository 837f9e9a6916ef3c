package io.github.controlnet.core.engine.djl;

import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.github.controlnet.Device;
import io.github.controlnet.EngineException;
import io.github.controlnet.InvalidRequestException;
import io.github.controlnet.Precision;
import io.github.controlnet.core.internal.DjlSettings;
import io.github.controlnet.spi.engine.Autoencoder;
import io.github.controlnet.spi.engine.AutoencoderArchitecture;
import io.github.controlnet.spi.engine.ControlArchitecture;
import io.github.controlnet.spi.engine.ControlNetwork;
import io.github.controlnet.spi.engine.Denoiser;
import io.github.controlnet.spi.engine.Engine;
import io.github.controlnet.spi.engine.EngineOptions;
import io.github.controlnet.spi.engine.TextEncoder;
import io.github.controlnet.spi.engine.TextEncoderArchitecture;
import io.github.controlnet.spi.engine.UNetArchitecture;
import io.github.controlnet.spi.engine.WeightSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;

/** PyTorch on one device, with one thread that computes. */
final class PyTorchEngine implements Engine {
  private static final String DJL_NAME = "PyTorch";

  private final TensorThread thread = new TensorThread();
  private final ai.djl.engine.Engine djl;
  private final PtNDManager manager;
  private final ScriptModule tools;
  private final Device device;
  private final Precision precision;

  private PyTorchEngine(ai.djl.engine.Engine djl, Device device, EngineOptions options) {
    this.djl = djl;
    this.device = device;
    this.precision = resolve(options.precision(), device);
    // inputs and outputs are on the processor; the scripts move them
    this.manager = (PtNDManager) djl.newBaseManager(ai.djl.Device.cpu());
    try {
      this.tools = thread.call(() -> start(options.threads()));
    } catch (RuntimeException e) {
      thread.close();
      manager.close();
      throw e;
    }
  }

  private ScriptModule start(int threads) {
    if (threads > 0) {
      JniUtils.setNumThreads(threads);
    }
    // the optimizer costs more in the first two calls than it gains later; the setting is this
    // thread's
    JniUtils.setGraphExecutorOptimize(false);
    return new ScriptModule(manager, new ScriptWriter(numberType(), deviceName()).finish().text());
  }

  static PyTorchEngine open(EngineOptions options) {
    if (options.threads() < 0) {
      throw new InvalidRequestException(
          "threads is %d; expected 0 for all cores, or more.".formatted(options.threads()));
    }
    Device device = options.device();
    if (!device.type().equals("cpu") && !device.type().equals("cuda")) {
      throw new InvalidRequestException(
          "The device %s is not one that the engine pytorch knows; use cpu or cuda:0."
              .formatted(device));
    }
    ai.djl.engine.Engine djl = djl();
    if (device.type().equals("cuda")) {
      requireCuda(device, djl.getGpuCount());
    }
    return new PyTorchEngine(djl, device, options);
  }

  private static ai.djl.engine.Engine djl() {
    DjlSettings.optOutOfTracking();
    NativeSettings.beforeLoading();
    try {
      return ai.djl.engine.Engine.getEngine(DJL_NAME);
    } catch (RuntimeException | LinkageError e) {
      throw new EngineException(
          "PyTorch's native library cannot be used (%s); check that ai.djl.pytorch:pytorch-jni and a"
                  .formatted(Failures.lastLine(String.valueOf(e.getMessage())))
              + " pytorch-native artifact for this platform are on the class path.",
          e);
    }
  }

  private static void requireCuda(Device device, int count) {
    if (device.index() < count) {
      return;
    }
    StringJoiner available = new StringJoiner(", ");
    available.add(Device.CPU.toString());
    for (int i = 0; i < count; i++) {
      available.add(Device.cuda(i).toString());
    }
    throw new InvalidRequestException(
        "The device %s is not there; available: %s.".formatted(device, available));
  }

  private static Precision resolve(Precision asked, Device device) {
    if (asked != Precision.AUTO) {
      return asked;
    }
    if (device.type().equals("cuda")) {
      return Precision.FLOAT16;
    }
    return Processor.hasBfloat16() ? Precision.BFLOAT16 : Precision.FLOAT32;
  }

  TensorThread thread() {
    return thread;
  }

  PtNDManager manager() {
    return manager;
  }

  /** Returns a module without weights, for what every module can do. */
  ScriptModule tools() {
    return tools;
  }

  /** The device as PyTorch writes it. */
  String deviceName() {
    return device.toString();
  }

  /** PyTorch's number for the type of weights and activations. */
  int numberType() {
    return NumberType.of(precision);
  }

  /** Gives freed memory back to the system. */
  void trim() {
    if (device.type().equals("cuda")) {
      JniUtils.emptyCudaCache();
    }
    NativeSettings.trim();
  }

  @Override
  public Precision precision() {
    return precision;
  }

  @Override
  public Map<String, String> versions() {
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("PyTorch", djl.getVersion());
    versions.put("DJL", ai.djl.engine.Engine.getDjlVersion());
    return versions;
  }

  @Override
  public TextEncoder textEncoder(TextEncoderArchitecture architecture, WeightSource weights) {
    return new PyTorchTextEncoder(this, architecture, weights);
  }

  @Override
  public Denoiser denoiser(UNetArchitecture architecture, WeightSource weights) {
    return new PyTorchDenoiser(this, architecture, weights);
  }

  @Override
  public ControlNetwork controlNetwork(ControlArchitecture architecture, WeightSource weights) {
    return new PyTorchControlNetwork(this, architecture, weights);
  }

  @Override
  public Autoencoder autoencoder(AutoencoderArchitecture architecture, WeightSource weights) {
    return new PyTorchAutoencoder(this, architecture, weights);
  }

  @Override
  public void close() {
    thread.runUnlessClosed(
        () -> {
          manager.close();
          trim();
        });
    thread.close();
  }
}
