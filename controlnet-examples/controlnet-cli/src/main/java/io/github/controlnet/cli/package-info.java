/**
 * The {@code controlnet} command: a thin layer over the public API, where every option maps to one
 * method. Start it with {@link io.github.controlnet.cli.Main}.
 */
@NullMarked
package io.github.controlnet.cli;

import org.jspecify.annotations.NullMarked;
