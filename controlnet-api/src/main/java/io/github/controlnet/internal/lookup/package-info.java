/**
 * Finds providers by {@link java.util.ServiceLoader} and by name, and says what is there when one
 * is missing; not for use by others.
 */
@NullMarked
package io.github.controlnet.internal.lookup;

import org.jspecify.annotations.NullMarked;
