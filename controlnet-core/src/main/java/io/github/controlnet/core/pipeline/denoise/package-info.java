/** The denoising loop: latents, guidance, controls and the sampler, step by step. */
@NullMarked
package io.github.controlnet.core.pipeline.denoise;

import org.jspecify.annotations.NullMarked;
