/**
 * File formats of tensors: safetensors, PyTorch checkpoints new and old, shards and folders. Knows
 * nothing of diffusion, and executes nothing that a file holds.
 */
@NullMarked
package io.github.controlnet.core.files;

import org.jspecify.annotations.NullMarked;
