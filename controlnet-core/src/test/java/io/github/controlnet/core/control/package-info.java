/** Tests of how controls are made. */
@NullMarked
package io.github.controlnet.core.control;

import org.jspecify.annotations.NullMarked;
