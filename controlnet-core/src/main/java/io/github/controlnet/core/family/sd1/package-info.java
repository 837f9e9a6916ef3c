/** Stable Diffusion 1.x. */
@NullMarked
package io.github.controlnet.core.family.sd1;

import org.jspecify.annotations.NullMarked;
