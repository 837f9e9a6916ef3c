/**
 * What made a picture, inside its PNG file.
 *
 * <p>{@link io.github.controlnet.core.provenance.PictureRecord} writes a picture with the text that
 * Stable Diffusion's web interfaces know (key {@code parameters}), a complete record as JSON (key
 * {@code controlnet-java}) and the control maps. {@link
 * io.github.controlnet.core.provenance.Recipe} reads it back, or what the web UI or ComfyUI wrote
 * as far as it maps, and makes a request of it.
 */
@NullMarked
package io.github.controlnet.core.provenance;

import org.jspecify.annotations.NullMarked;
