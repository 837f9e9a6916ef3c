/** Images: reading them as people mean them, and resizing them as the references do. */
@NullMarked
package io.github.controlnet.image;

import org.jspecify.annotations.NullMarked;
