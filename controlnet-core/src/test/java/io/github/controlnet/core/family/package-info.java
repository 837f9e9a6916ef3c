/** Tests of families. */
@NullMarked
package io.github.controlnet.core.family;

import org.jspecify.annotations.NullMarked;
