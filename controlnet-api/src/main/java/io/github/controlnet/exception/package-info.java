/**
 * What the library throws, all under {@link io.github.controlnet.exception.ControlNetException}:
 * one class for each thing that a caller can do about it.
 */
@NullMarked
package io.github.controlnet.exception;

import org.jspecify.annotations.NullMarked;
