/** The schedulers that come with the library: plain arithmetic on {@code float[]}. */
@NullMarked
package io.github.controlnet.core.scheduler;

import org.jspecify.annotations.NullMarked;
