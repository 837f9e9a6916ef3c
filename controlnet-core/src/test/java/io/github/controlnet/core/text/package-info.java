@NullMarked
package io.github.controlnet.core.text;

import org.jspecify.annotations.NullMarked;
