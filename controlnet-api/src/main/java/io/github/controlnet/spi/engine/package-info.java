/** The engine SPI. */
@NullMarked
package io.github.controlnet.spi.engine;

import org.jspecify.annotations.NullMarked;
