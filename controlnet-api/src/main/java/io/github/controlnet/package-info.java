/**
 * What an application uses: the pipeline and its builder, requests and results, and the exceptions.
 *
 * <p>Start at {@link io.github.controlnet.ControlNetPipeline}. Application code compiles against
 * this artifact alone; {@code controlnet-core} and {@code controlnet-annotators} come in at run
 * time.
 */
@NullMarked
package io.github.controlnet;

import org.jspecify.annotations.NullMarked;
