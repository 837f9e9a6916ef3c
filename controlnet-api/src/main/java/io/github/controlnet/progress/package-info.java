/**
 * Long work seen from outside: how far a download is, and the token that stops a generation, an
 * export or a training.
 */
@NullMarked
package io.github.controlnet.progress;

import org.jspecify.annotations.NullMarked;
