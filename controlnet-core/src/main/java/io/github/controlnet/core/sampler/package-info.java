/** The samplers that come with the library: plain arithmetic on {@code float[]}. */
@NullMarked
package io.github.controlnet.core.sampler;

import org.jspecify.annotations.NullMarked;
