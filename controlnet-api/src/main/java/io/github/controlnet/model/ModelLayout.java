package io.github.controlnet.model;

/** How the files of a model are named and arranged. */
public enum ModelLayout {
  /**
   * One file with the names of the original code: {@code .safetensors}, or a PyTorch checkpoint
   * when it ends in {@code .pth}, {@code .pt} or {@code .ckpt}.
   */
  ORIGINAL,
  /** A folder as diffusers has it: {@code config.json} and weights as safetensors. */
  DIFFUSERS
}
