/** Stable Diffusion XL. */
@NullMarked
package io.github.controlnet.core.family.sdxl;

import org.jspecify.annotations.NullMarked;
