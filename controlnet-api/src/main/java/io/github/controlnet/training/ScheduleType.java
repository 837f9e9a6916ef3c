package io.github.controlnet.training;

/** How the learning rate changes after the warm-up; as diffusers' optimization.py. */
public enum ScheduleType {
  /** It stays. */
  CONSTANT,
  /** It falls evenly to 0 at the last step. */
  LINEAR,
  /** It falls to 0 along half a cosine wave. */
  COSINE,
  /** It falls along half a wave and starts again, once for each cycle. */
  COSINE_WITH_RESTARTS,
  /** It falls to 1e-7 along a power of what is left. */
  POLYNOMIAL
}
