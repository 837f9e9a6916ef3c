/** Reads JSON field by field: each value knows its place, and nothing passes unread. */
@NullMarked
package io.github.controlnet.core.json;

import org.jspecify.annotations.NullMarked;
