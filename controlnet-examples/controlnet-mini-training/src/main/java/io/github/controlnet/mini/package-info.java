/**
 * The world of the bundled model, mini: pictures of coloured shapes, drawn by number, with the
 * prompts and control maps that belong to them; and the programs that measure what was learned.
 */
@NullMarked
package io.github.controlnet.mini;

import org.jspecify.annotations.NullMarked;
