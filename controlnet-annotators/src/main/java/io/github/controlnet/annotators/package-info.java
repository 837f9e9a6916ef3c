/**
 * The annotators that come with the library. They are found by name through {@link
 * io.github.controlnet.Annotators}; nothing in here is called directly.
 */
@NullMarked
package io.github.controlnet.annotators;

import org.jspecify.annotations.NullMarked;
