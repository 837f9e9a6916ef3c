/**
 * Views of tensors over files and memory: renamed, scoped, joined, summed. Knows nothing of
 * diffusion and of engines.
 */
@NullMarked
package io.github.controlnet.core.tensors;

import org.jspecify.annotations.NullMarked;
