/** The picture side of a generation: sizes, masks, regions cut out and put back, decoding. */
@NullMarked
package io.github.controlnet.core.pipeline.canvas;

import org.jspecify.annotations.NullMarked;
