package io.github.controlnet.core.torch;

import ai.djl.engine.Engine;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.github.controlnet.core.nn.Graph;
import io.github.controlnet.engine.Device;
import io.github.controlnet.engine.EngineOptions;
import io.github.controlnet.engine.EngineSession;
import io.github.controlnet.engine.Precision;
import io.github.controlnet.exception.EngineException;
import io.github.controlnet.exception.Help;
import io.github.controlnet.exception.InvalidRequestException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * PyTorch on one device, with one thread that computes. Networks of one runtime run one after
 * another; closing it frees what they hold.
 */
public final class TensorRuntime implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TensorRuntime.class);
  private static final String DJL_NAME = "PyTorch";

  private final TensorThread thread;
  private final Engine djl;
  private final PtNDManager manager;
  private final ScriptModule tools;
  private final Device device;
  private final Precision precision;
  private final boolean packs;
  private final boolean streams;

  private TensorRuntime(Engine djl, Device device, EngineOptions options) {
    this.djl = djl;
    this.device = device;
    this.precision = resolve(options.precision(), device);
    this.streams = options.streaming();
    this.thread = new TensorThread(options.threads());
    // inputs and outputs are on the processor; the scripts move them
    this.manager = (PtNDManager) djl.newBaseManager(ai.djl.Device.cpu());
    try {
      // the optimizer costs more in the first two calls than it gains later; the setting is the
      // thread's
      thread.run(() -> JniUtils.setGraphExecutorOptimize(false));
      // the module of the trial serves as tools, so that only one is compiled
      Optional<ScriptModule> packed = thread.call(() -> Target.tried(manager, precision, device));
      this.packs = packed.isPresent();
      this.tools = packed.isPresent() ? packed.get() : thread.call(this::plainTools);
    } catch (RuntimeException e) {
      thread.close();
      manager.close();
      throw e;
    }
  }

  private ScriptModule plainTools() {
    return new ScriptModule(manager, Target.aten(numberType(), deviceName()).header(new Graph()));
  }

  /**
   * Starts PyTorch, if nobody has, and a thread for it.
   *
   * @param options device, number type and threads; 0 threads are all cores
   * @return the runtime; the caller closes it
   * @throws InvalidRequestException when the device is not there
   * @throws IllegalArgumentException when the number of threads is negative
   * @throws EngineException when PyTorch's native library cannot be used
   */
  public static TensorRuntime open(EngineOptions options) {
    requireThreads(options.threads());
    Device device = options.device();
    if (!device.type().equals("cpu") && !device.type().equals("cuda")) {
      throw new InvalidRequestException(
          "The device %s is not one that the engine pytorch knows; use cpu or cuda:0."
              .formatted(device));
    }
    Engine djl = djl();
    if (device.type().equals("cuda")) {
      requireCuda(device, djl.getGpuCount());
    }
    return new TensorRuntime(djl, device, options);
  }

  private static void requireThreads(int threads) {
    if (threads < 0) {
      throw new IllegalArgumentException(
          "threads is %d; expected 0 for all cores, or more.".formatted(threads));
    }
  }

  /**
   * Begins somebody's use of this runtime.
   *
   * @param threads how many threads an operation uses in the session's calls; 0 for all cores
   * @param exitGrace how long calls are still taken once the virtual machine exits
   * @return the session; the caller closes it
   * @throws IllegalArgumentException when threads is negative
   */
  public EngineSession session(int threads, Duration exitGrace) {
    requireThreads(threads);
    return thread.session(threads, exitGrace);
  }

  private static Engine djl() {
    NativeSettings.beforeLoading();
    try {
      return DjlSettings.withoutTracking(() -> Engine.getEngine(DJL_NAME));
    } catch (RuntimeException | LinkageError e) {
      throw new EngineException(
          Help.NATIVE_LIBRARY.after(
              "PyTorch's native library cannot be used (%s); check that ai.djl.pytorch:pytorch-jni and a"
                      .formatted(Failures.lastLine(String.valueOf(e.getMessage())))
                  + " pytorch-native artifact for this platform are on the class path."),
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
    boolean bfloat16 = Processor.hasBfloat16();
    Precision chosen = bfloat16 ? Precision.BFLOAT16 : Precision.FLOAT32;
    LOG.info("Precision AUTO is {}: bfloat16 in hardware: {}", chosen, bfloat16);
    return chosen;
  }

  /** The one thread on which modules may be used. */
  public TensorThread thread() {
    return thread;
  }

  /** Where tensors belong that outlive a call. */
  public PtNDManager manager() {
    return manager;
  }

  /** A module without weights, for what every module can do. */
  public ScriptModule tools() {
    return tools;
  }

  /** The device as PyTorch writes it. */
  public String deviceName() {
    return device.toString();
  }

  /** What networks that predict are written for: the fastest operators there are. */
  public Target target() {
    Target target = packs ? Target.oneDnn(numberType()) : Target.aten(numberType(), deviceName());
    return streams ? target.streaming() : target;
  }

  /** PyTorch's number for the type of weights and activations. */
  public int numberType() {
    return NumberType.of(precision);
  }

  /** The type of weights and activations, never {@link Precision#AUTO}. */
  public Precision precision() {
    return precision;
  }

  /**
   * Tells whether small batches are as fast as large ones: on a processor, unless weights are read
   * anew for each.
   */
  public boolean prefersSmallBatches() {
    return device.type().equals("cpu") && !streams;
  }

  /** Names and versions of what computes. */
  public Map<String, String> versions() {
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("PyTorch", djl.getVersion());
    versions.put("DJL", Engine.getDjlVersion());
    return versions;
  }

  /** Gives freed memory back to the system. */
  public void trim() {
    if (device.type().equals("cuda")) {
      JniUtils.emptyCudaCache();
    }
    trimHost();
  }

  /** The same for the processor's memory alone, which is cheap enough for each step. */
  public void trimHost() {
    NativeSettings.trim();
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
