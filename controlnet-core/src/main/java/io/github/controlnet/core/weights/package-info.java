/**
 * Reads published weights: safetensors, PyTorch checkpoints, diffusers folders and original single
 * files, all under the canonical names of {@link io.github.controlnet.engine.WeightNames}.
 *
 * <p>Nothing stored in a file is ever executed, and no file is read into memory whole.
 */
@NullMarked
package io.github.controlnet.core.weights;

import org.jspecify.annotations.NullMarked;
