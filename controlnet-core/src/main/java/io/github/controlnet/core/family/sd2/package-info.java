/** Stable Diffusion 2.x. */
@NullMarked
package io.github.controlnet.core.family.sd2;

import org.jspecify.annotations.NullMarked;
