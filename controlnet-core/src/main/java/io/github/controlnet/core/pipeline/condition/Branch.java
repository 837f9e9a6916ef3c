package io.github.controlnet.core.pipeline.condition;

/** What the networks are asked about the same latents. */
public enum Branch {
  /** The negative prompt. */
  UNCONDITIONAL,
  /** The prompt. */
  CONDITIONAL,
  /** The prompt, with the self-attention of the U-Net's middle perturbed. */
  PERTURBED
}
