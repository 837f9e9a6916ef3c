/** Tests of what is written for other programs. */
@NullMarked
package io.github.controlnet.core.export;

import org.jspecify.annotations.NullMarked;
