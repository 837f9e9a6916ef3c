/** Tests of the values that cross between pipeline and engines. */
@NullMarked
package io.github.controlnet.engine;

import org.jspecify.annotations.NullMarked;
