/** The random numbers of the reference implementation, so that equal seeds give equal pictures. */
@NullMarked
package io.github.controlnet.core.random;

import org.jspecify.annotations.NullMarked;
