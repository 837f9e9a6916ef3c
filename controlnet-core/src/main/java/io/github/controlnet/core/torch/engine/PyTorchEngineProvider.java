package io.github.controlnet.core.torch.engine;

import io.github.controlnet.engine.Engine;
import io.github.controlnet.engine.EngineOptions;
import io.github.controlnet.spi.EngineProvider;

/**
 * Opens the engine {@code pytorch}: PyTorch through Deep Java Library, on {@code cpu} and {@code
 * cuda:N}.
 *
 * <p>{@link io.github.controlnet.engine.Precision#AUTO} is bfloat16 on a processor that computes it
 * in hardware (avx512_bf16 or amx_bf16), float16 on CUDA and float32 elsewhere.
 *
 * <p>The number of threads is a setting of PyTorch and so of the whole process: {@link
 * EngineOptions#threads()} other than 0 changes it for every later thread that computes with
 * PyTorch, of this engine or not. Networks of one engine run one after another.
 *
 * <p>Opening the first engine sets the system property {@code OPT_OUT_TRACKING} to {@code true}
 * unless it or the environment variable of that name is set, so that Deep Java Library sends
 * nothing home; on Linux it also sets the environment variable {@code THP_MEM_ALLOC_ENABLE} of the
 * process to 1 unless it is set, so that PyTorch asks for huge pages.
 */
public final class PyTorchEngineProvider implements EngineProvider {

  /** Creates the provider; nothing is loaded. */
  public PyTorchEngineProvider() {}

  @Override
  public String name() {
    return "pytorch";
  }

  @Override
  public Engine open(EngineOptions options) {
    return PyTorchEngine.open(options);
  }
}
