/** The annotator SPI. */
@NullMarked
package io.github.controlnet.spi.annotator;

import org.jspecify.annotations.NullMarked;
