/**
 * An engine without networks: the data are taken to be a Gaussian, whose denoiser has a closed
 * form. It needs no native library, runs in microseconds and exercises everything around an engine,
 * so that applications and the pipeline can be tested with it; and it is the complete example of an
 * engine that is written against {@code controlnet-api} alone.
 */
@NullMarked
package io.github.controlnet.tck.gaussian;

import org.jspecify.annotations.NullMarked;
