/** What several packages of this artifact share; not for use by others. */
@NullMarked
package io.github.controlnet.core.internal;

import org.jspecify.annotations.NullMarked;
