/**
 * Arithmetic on pixels. {@link PixelAnnotators} is the table; nothing else in here is called from
 * outside.
 */
@NullMarked
package io.github.controlnet.annotators.pixels;

import org.jspecify.annotations.NullMarked;
