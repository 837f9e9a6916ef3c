/** What several packages of this artifact share; not for use by others. */
@NullMarked
package io.github.controlnet.internal;

import org.jspecify.annotations.NullMarked;
