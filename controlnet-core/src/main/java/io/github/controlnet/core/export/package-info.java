/**
 * Writes weights in the layouts that other programs open: diffusers' folders and the original
 * code's single files, as safetensors or PyTorch checkpoints.
 *
 * <p>What is written is there whole or not at all, and no tensor is held in memory whole.
 */
@NullMarked
package io.github.controlnet.core.export;

import org.jspecify.annotations.NullMarked;
