@NullMarked
package io.github.controlnet.image;

import org.jspecify.annotations.NullMarked;
