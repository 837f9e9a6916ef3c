/** The complete examples of the SPI pages, compiled and run. */
@NullMarked
package io.github.controlnet.tck.example;

import org.jspecify.annotations.NullMarked;
