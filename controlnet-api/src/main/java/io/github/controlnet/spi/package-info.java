/**
 * How implementations are found and what they are handed. Applications do not need this package;
 * plugin authors start at one of {@link io.github.controlnet.annotator}, {@link
 * io.github.controlnet.sampler} and {@link io.github.controlnet.engine}.
 */
@NullMarked
package io.github.controlnet.spi;

import org.jspecify.annotations.NullMarked;
