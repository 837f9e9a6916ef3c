package io.github.controlnet.engine;

/** The number type in which the networks run. */
public enum Precision {
  /** 32 bits; the reference for every comparison. */
  FLOAT32,
  /** 16 bits with the range of float32; fast where the processor has it in hardware. */
  BFLOAT16,
  /** 16 bits with a narrow range; meant for CUDA devices. */
  FLOAT16,
  /** The engine chooses what is fast and safe on the device. */
  AUTO
}
