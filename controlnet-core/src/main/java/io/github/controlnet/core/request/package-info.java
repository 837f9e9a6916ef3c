/**
 * Requests as JSON: {@link io.github.controlnet.core.request.RequestCodec} is the one place that
 * names their fields. Pictures carry this form, the page speaks it, and {@code generate --request}
 * reads it.
 */
@NullMarked
package io.github.controlnet.core.request;

import org.jspecify.annotations.NullMarked;
