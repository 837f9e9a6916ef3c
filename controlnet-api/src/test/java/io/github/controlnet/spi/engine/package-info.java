/** Tests of the values that cross between pipeline and engines. */
@NullMarked
package io.github.controlnet.spi.engine;

import org.jspecify.annotations.NullMarked;
