/** The scheduler SPI. */
@NullMarked
package io.github.controlnet.spi.scheduler;

import org.jspecify.annotations.NullMarked;
